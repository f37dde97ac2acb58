// Which programs still call EWS of Exchange Online, by operation: what ends when EWS ends there.
import { isExchangeOnline } from "../core/microsoft-hosts.ts";
import { applicationName } from "../core/principals.ts";
import { wellKnownClient } from "../core/well-known-clients.ts";
import type { TransactionFacts } from "../decoders/facts.ts";
import { isUserClient, presentedToken } from "../handshake/role.ts";
import { explain, type FindingReport } from "./catalogue/finding.ts";
import type { RuleInput } from "./rules/rule.ts";

/** The first day without EWS in Exchange Online, as far as public sources say. Epoch milliseconds, UTC. */
const ewsOnlineEndsAt = Date.UTC(2027, 3, 1);

export interface EwsOnlineOperation {
  /** `GetFolder`; `unknown` where the request does not show it. */
  readonly name: string;
  readonly accepted: number;
  /** Refused by the gate of EWS or for its token. */
  readonly refused: number;
  /** Without an answer, or with one that does not tell. */
  readonly undecided: number;
  /** Ids of the first transactions, at most 5. */
  readonly evidence: readonly string[];
}

/** One caller of EWS in Exchange Online. */
export interface EwsOnlineUse {
  /** Application id in lower case; empty where no token shows it. */
  readonly callerId: string;
  readonly callerName: string | null;
  /** `person`: a program that a person signs in with. */
  readonly kind: "service" | "person" | "unknown";
  /** At most 4. Captured text. */
  readonly hosts: readonly string[];
  /** In the order in which they were first seen, at most 40. */
  readonly operations: readonly EwsOnlineOperation[];
  readonly calls: number;
  /** Epoch milliseconds of the first and of the last call; 0 in a capture without times. */
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface EwsOnlineCollector {
  /** Counts the transaction when it is a call to EWS of Exchange Online. O(1). */
  add(input: RuleInput): void;
  /** The callers in the order in which they were first seen. */
  uses(): readonly EwsOnlineUse[];
  /** `EWS_ONLINE_ENDS`, one for each caller. */
  findings(): readonly FindingReport[];
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };
type OperationRecord = Omit<Mutable<EwsOnlineOperation>, "evidence"> & { readonly evidence: string[] };
interface UseRecord extends Omit<Mutable<EwsOnlineUse>, "operations" | "hosts"> {
  readonly hosts: string[];
  readonly operations: Map<string, OperationRecord>;
}

const callerLimit = 64;
const operationLimit = 40;
const hostLimit = 4;
const evidenceLimit = 5;

/** Starts without a call. Calls of further callers, once there are 64, are not counted. */
export function startEwsOnline(): EwsOnlineCollector {
  const callers = new Map<string, UseRecord>();
  const uses = (): readonly EwsOnlineUse[] =>
    [...callers.values()].map(({ operations, hosts, ...use }) => ({
      ...use,
      hosts: [...hosts],
      operations: [...operations.values()].map((one) => ({ ...one, evidence: [...one.evidence] })),
    }));
  return {
    add(input) {
      if (!isEwsOnlineCall(input)) return;
      const caller = callerOf(input);
      const key = `${caller.kind} ${caller.callerId}`;
      const known = callers.get(key);
      if (known === undefined && callers.size >= callerLimit) return;
      const record = known ?? { ...caller, hosts: [], operations: new Map(), calls: 0, firstAt: 0, lastAt: 0 };
      callers.set(key, record);
      count(record, input);
    },
    uses,
    findings: () => uses().map(judgeUse),
  };
}

/** True for a call with credentials, or what is left of them; false for probes and for requests that wait for a challenge. */
function isEwsOnlineCall({ facts, correlation, host, transaction }: RuleInput): boolean {
  if (facts.endpoint !== "ews" && facts.endpoint !== "ews-ws-security") return false;
  if (!isExchangeOnline(host) || transaction.request.method === "OPTIONS") return false;
  const { role } = correlation;
  if (role === "probe") return false;
  // Without credentials only an answer that is not a challenge shows a call: an exporter removed the field.
  return role !== "anonymous" || isAnswered(transaction.response?.status ?? 0, facts);
}

function isAnswered(status: number, facts: TransactionFacts): boolean {
  return facts.policyReason !== "" || (status >= 200 && status < 300);
}

function callerOf({ facts, correlation }: RuleInput): Pick<EwsOnlineUse, "callerId" | "callerName" | "kind"> {
  const caller = presentedToken(facts)?.caller ?? null;
  const callerId = caller?.id ?? "";
  const client = wellKnownClient(callerId);
  const callerName = caller?.name ?? applicationName(callerId) ?? client ?? null;
  const isPerson = correlation.role === "user-call" || client !== undefined || isUserClient(facts);
  const isService = correlation.handshake !== null || callerId !== "";
  return { callerId, callerName, kind: isPerson ? "person" : isService ? "service" : "unknown" };
}

function count(record: UseRecord, input: RuleInput): void {
  const { transaction, facts, host } = input;
  record.calls += 1;
  const at = Math.floor(transaction.startedAt);
  record.firstAt = record.calls === 1 ? at : Math.min(record.firstAt, at);
  record.lastAt = Math.max(record.lastAt, at);
  if (record.hosts.length < hostLimit && !record.hosts.includes(host)) record.hosts.push(host);
  const name = facts.operation?.name.slice(0, 64) ?? "unknown";
  const known = record.operations.get(name);
  if (known === undefined && record.operations.size >= operationLimit) return;
  const operation = known ?? { name, accepted: 0, refused: 0, undecided: 0, evidence: [] };
  record.operations.set(name, operation);
  operation[answerOf(input)] += 1;
  if (operation.evidence.length < evidenceLimit) operation.evidence.push(transaction.id);
}

function answerOf({ transaction, facts, correlation }: RuleInput): "accepted" | "refused" | "undecided" {
  const status = transaction.response?.status ?? 0;
  if (facts.policyReason !== "" || status === 401) return "refused";
  if (correlation.outcome !== null) return correlation.outcome;
  if (status === 403) return "refused";
  return status >= 200 && status < 300 ? "accepted" : "undecided";
}

const shownOperations = 8;

function judgeUse({ callerId, callerName, kind, operations, calls, lastAt, hosts }: EwsOnlineUse): FindingReport {
  const names = operations.map(({ name }) =>
    name === "unknown" ? "an operation that the capture does not show" : name,
  );
  const more = names.length > shownOperations ? ` and ${names.length - shownOperations} others` : "";
  const worded = explain({
    code: "EWS_ONLINE_ENDS",
    host: hosts[0] ?? "",
    callerId,
    callerName: callerName ?? "",
    kind,
    operations: `${names.slice(0, shownOperations).join(", ")}${more}`,
    isPast: lastAt >= ewsOnlineEndsAt,
  });
  return { ...worded, evidence: operations.flatMap(({ evidence }) => evidence).slice(0, 20), count: calls };
}
