import { exitCode } from "../../app/exit-codes.ts";
import { randomPseudonyms } from "../../app/pseudonyms.ts";
import { readTransactions } from "../../app/reading/read-transactions.ts";
import { readOptionFile } from "../../app/verification-options.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { requireLoopback } from "../../playback/loopback.ts";
import { indexAnswers } from "../../playback/saved-answers.ts";
import { type ServedRequest, type ServeOptions, serveAnswers } from "../../playback/serve-answers.ts";
import { safeId, safeMethod } from "../../sanitising/safe-identity.ts";
import { safeAuthority, safeUrl } from "../../sanitising/safe-url.ts";
import type { Pseudonymise } from "../../sanitising/sanitise.ts";
import { parseListen } from "../options/addresses.ts";
import type { ReplayOptions } from "../options/replay-options.ts";

/** Answers requests from a saved trace until it is interrupted. Gives the exit code; throws ToolError. */
export async function serveReplay([file, ...more]: readonly string[], options: ReplayOptions): Promise<number> {
  if (file === undefined || more.length > 0) {
    throw new ToolError("usage", "--serve answers from one trace.", { hint: "Name one file." });
  }
  const listen = parseListen(options.serve ?? "0", "--serve");
  await requireLoopback(listen.host, options.beyondLoopback === true);
  const answers = indexAnswers(await readTransactions(file), { isStrict: options.strict === true });
  const isJson = options.json === true;
  const pseudonymise = randomPseudonyms();
  const print = (event: object, line: string): void => {
    process.stdout.write(isJson ? `${safeJson(event)}\n` : `${safe(line)}\n`);
  };
  const server = await serveAnswers(answers, {
    ...listen,
    tls: readTls(options),
    isTimed: options.keepTimes === true,
    onRequest: (request) => {
      if (options.quiet === true) return;
      const safeRequest = makeServedSafe(request, pseudonymise);
      print({ event: "served", ...safeRequest }, renderServed(safeRequest));
    },
  });
  const scheme = options.cert === undefined ? "http" : "https";
  const host = server.address.includes(":") ? `[${server.address}]` : server.address;
  const { saved } = answers.counts();
  print(
    {
      event: "ready",
      listener: "serve",
      scheme,
      address: server.address,
      port: server.port,
      target: null,
      answers: saved,
    },
    `ready serve ${scheme}://${host}:${server.port} (${saved} saved answers)`,
  );
  const code = await waitForEndSignal();
  await server.stop();
  const { unused } = answers.counts();
  print({ event: "ended", saved, unused }, `${unused} of ${saved} saved answers were never requested`);
  return code;
}

function readTls({ cert, key }: ReplayOptions): ServeOptions["tls"] {
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined) {
    throw new ToolError("usage", "--cert and --key go together.", { hint: "Name both, or neither for plain http." });
  }
  return { cert: readOptionFile(cert, "--cert").toString("utf8"), key: readOptionFile(key, "--key").toString("utf8") };
}

/** The request without secrets and names, as a sanitised capture has it. */
function makeServedSafe(request: ServedRequest, pseudonymise: Pseudonymise): ServedRequest {
  return {
    ...request,
    method: safeMethod(request.method, pseudonymise),
    host: safeAuthority(request.host, pseudonymise),
    path: safeUrl(request.path, pseudonymise),
    transactionId: request.transactionId === null ? null : safeId(request.transactionId, pseudonymise),
  };
}

function renderServed({ method, host, path, status, match, transactionId }: ServedRequest): string {
  const answer = status === null ? "closed, as in the trace" : String(status);
  return `${method} ${host}${path} -> ${answer}  ${match}${transactionId === null ? "" : ` (${transactionId})`}`;
}

/** Resolves with the exit code of the signal that ends the run. */
function waitForEndSignal(): Promise<number> {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.removeAllListeners(signal);
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve(exitCode.interrupted));
    process.once("SIGTERM", () => resolve(exitCode.terminated));
    process.once("SIGHUP", () => resolve(exitCode.terminated));
  });
}
