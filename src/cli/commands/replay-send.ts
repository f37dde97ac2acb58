import { exitCode } from "../../app/exit-codes.ts";
import { randomPseudonyms } from "../../app/pseudonyms.ts";
import { readTransactions } from "../../app/reading/read-transactions.ts";
import { readOptionFile } from "../../app/verification-options.ts";
import { toolVersion } from "../../app/version.ts";
import { type HttpTransaction, requestAuthority } from "../../core/http-transaction.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { requireLoopback } from "../../playback/loopback.ts";
import { hostOf } from "../../playback/saved-answers.ts";
import { type SendTarget, type SentRequest, sendRequests } from "../../playback/send-requests.ts";
import { createUpstreamTrust } from "../../proxy/certificates/upstream-trust.ts";
import { sanitiseEvent, sanitiseTransaction } from "../../sanitising/sanitise.ts";
import { type Journal, openJournal } from "../../sinks/journal/journal.ts";
import type { ReplayOptions } from "../options/replay-options.ts";

/** Sends the requests of saved traces again. Gives 0 when all were answered, else 1; throws ToolError. */
export async function sendReplay(files: readonly string[], options: ReplayOptions): Promise<number> {
  const target = await readTarget(options);
  const trust = createUpstreamTrust(
    options.upstreamCa.map((path) => readOptionFile(path, "--upstream-ca").toString("utf8")),
  );
  const pseudonymise = randomPseudonyms();
  const read = (await Promise.all(files.map(readTransactions))).flat();
  const chosen = chooseRequests(read, target, options.host);
  // Placeholders replace passwords, signatures and cookies in fields and bodies, also of an unsanitised trace.
  const sanitised = chosen.map((transaction) => sanitiseTransaction(transaction, pseudonymise));
  const journal = options.save === undefined ? null : openAnswerJournal(options.save);
  const totals = { sent: 0, answered: 0, same: 0 };
  try {
    const settings = { target, trust, isTimed: options.keepTimes === true, signal: new AbortController().signal };
    for await (const sent of sendRequests(sanitised, settings)) {
      journal?.write(
        sanitiseEvent({ kind: "transaction", transaction: asTransaction(sent, totals.sent, target) }, pseudonymise),
      );
      totals.sent += 1;
      totals.answered += Number(sent.response !== null);
      totals.same += Number(sent.response !== null && sent.response.status === sent.transaction.response?.status);
      if (options.quiet !== true) printSent(sent, options.json === true);
    }
  } finally {
    await journal?.close();
  }
  const text = `${totals.answered} of ${totals.sent} requests were answered, ${totals.same} with the saved status`;
  process.stdout.write(options.json === true ? `${safeJson({ event: "ended", ...totals })}\n` : `${text}\n`);
  return totals.answered === totals.sent ? exitCode.trustShown : exitCode.problemFound;
}

function openAnswerJournal(path: string): Journal {
  const onTrouble = (text: string): void => {
    process.stderr.write(`${safe(`realmscope: ${text}`)}\n`);
  };
  return openJournal(path, { tool: toolVersion(), isLocked: true, onTrouble });
}

async function readTarget({ reverse, beyondLoopback }: ReplayOptions): Promise<SendTarget> {
  const url = reverse !== undefined && URL.canParse(reverse) ? new URL(reverse) : null;
  const scheme = url?.protocol === "https:" ? "https" : url?.protocol === "http:" ? "http" : null;
  if (url === null || scheme === null || url.pathname !== "/" || url.search !== "" || url.username !== "") {
    throw new ToolError("usage", "--send needs a target without a path, a query or a user name.", {
      hint: "Write --send --reverse https://host[:port].",
    });
  }
  const name = url.hostname.replace(/^\[|\]$/g, "");
  const address = await requireLoopback(name, beyondLoopback === true);
  return { scheme, name, address, port: Number(url.port || (scheme === "https" ? "443" : "80")) };
}

/** The requests for `--host`; without it those for the target's name, or all when there are none. In order of time. */
function chooseRequests(
  transactions: readonly HttpTransaction[],
  target: SendTarget,
  hosts: readonly string[],
): readonly HttpTransaction[] {
  const inOrder = [...transactions].sort((one, other) => one.startedAt - other.startedAt);
  const hostOfRequest = (transaction: HttpTransaction): string => hostOf(requestAuthority(transaction));
  const wanted = hosts.length > 0 ? hosts.map((host) => host.toLowerCase()) : [target.name.toLowerCase()];
  const chosen = inOrder.filter((transaction) => wanted.includes(hostOfRequest(transaction)));
  if (chosen.length > 0) return chosen;
  if (hosts.length === 0) return inOrder;
  const known = [...new Set(inOrder.map(hostOfRequest))].slice(0, 8).join(", ");
  throw new ToolError("no-such-host", "No saved request is for a host that --host names.", {
    hint: `Hosts of the trace: ${known}.`,
  });
}

/** The request as sent and its new answer, as a transaction of the target. */
function asTransaction(sent: SentRequest, index: number, target: SendTarget): HttpTransaction {
  const { transaction, startedAt, durationMs, response, failure } = sent;
  return {
    ...transaction,
    id: `t${index + 1}`,
    connection: "c1",
    client: "",
    ...{ startedAt, durationMs, response, failure },
    scheme: target.scheme,
    port: target.port,
  };
}

function printSent({ transaction, response, failure, durationMs }: SentRequest, isJson: boolean): void {
  const { id, request } = transaction;
  const saved = transaction.response?.status ?? null;
  const now = response?.status ?? null;
  const path = request.target.replace(/[?#].*$/s, "");
  const host = requestAuthority(transaction);
  if (isJson) {
    process.stdout.write(
      `${safeJson({ event: "sent", id, method: request.method, host, path, saved, now, failure, durationMs })}\n`,
    );
    return;
  }
  const answer = now === null ? (failure ?? "no answer") : String(now);
  const same = saved === now ? "as saved" : `saved ${saved ?? "no answer"}`;
  process.stdout.write(`${safe(`${id} ${request.method} ${host}${path} -> ${answer}  ${same}`)}\n`);
}
