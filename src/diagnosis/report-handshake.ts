import type { Direction } from "../handshake/direction.ts";
import { evidenceIds } from "../handshake/evidence.ts";
import type { Handshake, StepName } from "../handshake/reduce.ts";
import { directionOfHandshake, isOfLog, shownHandshake } from "../handshake/rows/shown-handshake.ts";
import type { Basis, HandshakeReport, HandshakeStep } from "./analysis.ts";
import { applicationKind, tenantApplicationName } from "./catalogue/application-kind.ts";
import { judgeHandshake } from "./verdict.ts";

/** The handshake as views and reports show it. */
export function reportHandshake(judged: Handshake, hybridApp: string | null = null): HandshakeReport {
  const handshake = shownHandshake(judged);
  const { caller } = handshake;
  const direction = directionOfHandshake(judged);
  return {
    id: handshake.id,
    client: handshake.client,
    server: handshake.server,
    verdict: judgeHandshake(handshake),
    stage: handshake.stage,
    direction,
    route: handshake.route,
    tokenService: handshake.tokenService,
    principal:
      caller === null || caller.id === "" ? null : { id: caller.id, name: nameOf(handshake, direction, hybridApp) },
    realm: handshake.realm,
    issuerAsSeen: handshake.issuerAsSeen,
    actingAs: handshake.actingAs,
    lanes: { application: handshake.lanes.application ?? "unseen", user: handshake.lanes.user ?? "unseen" },
    isTokenDenied: handshake.isTokenDenied,
    refusingServers: handshake.refusingServers,
    ...(handshake.refusedGraphCalls.length === 0 ? {} : { refusedGraphCalls: handshake.refusedGraphCalls }),
    ...(handshake.policy === null ? {} : { policy: handshake.policy }),
    signIns: handshake.otherSignIns,
    signature: handshake.signature,
    signingKey: handshake.signingKey,
    transactions: evidenceIds(handshake.evidence),
    basis: basisOf(judged),
    ...logReport(judged),
    steps: [
      ...(handshake.steps.discovery === undefined ? [] : [step(handshake, "discovery")]),
      step(handshake, "probe"),
      step(handshake, "challenge"),
      signingKey(handshake),
      step(handshake, "token"),
      step(handshake, "call"),
      step(handshake, "answer"),
    ],
    startedAt: handshake.startedAt,
    endedAt: handshake.endedAt,
  };
}

/** The evidence of the verdict: a handshake whose traffic leaves it open rests on its rows. */
function basisOf(handshake: Handshake): Basis {
  if (handshake.log === null) return "traffic";
  if (isOfLog(handshake)) return "log";
  const isOpen = judgeHandshake({ ...handshake, log: null }) === "inconclusive";
  return isOpen && judgeHandshake(handshake) !== "inconclusive" ? "log" : "both";
}

type LogReport = Pick<HandshakeReport, "callerShownBy" | "loggedCalls" | "loggedOperations" | "isFormUnproven">;

function logReport({ log, transactionCount }: Handshake): LogReport {
  if (log === null) return { callerShownBy: null };
  const { calls, accepted, operations, isFormUnproven } = log;
  return {
    // A token of the traffic names the caller better than any row.
    callerShownBy: transactionCount > 0 ? null : log.callerShownBy,
    ...(calls === 0 ? {} : { loggedCalls: { all: calls, accepted } }),
    ...(operations.length === 0 ? {} : { loggedOperations: operations }),
    ...(isFormUnproven ? { isFormUnproven } : {}),
  };
}

/** The configured or well-known name; words for the tenant's own application that calls the cloud; null for any other. */
function nameOf(
  { caller, tokenService }: Handshake,
  direction: Direction | null,
  hybridApp: string | null,
): string | null {
  if (caller === null || caller.name !== null) return caller?.name ?? null;
  const isEntra = tokenService === "entra-v1" || tokenService === "entra-v2";
  return direction === "outbound" && isEntra && applicationKind(caller.id) === "own"
    ? tenantApplicationName(hybridApp)
    : null;
}

function step(handshake: Handshake, name: StepName): HandshakeStep {
  const record = handshake.steps[name];
  return record === undefined
    ? { step: name, state: "unseen", transactionId: null, note: unseenNotes[name] }
    : { step: name, ...record };
}

const unseenNotes: Readonly<Record<StepName, string>> = {
  discovery: "no look-up seen",
  probe: "no probe seen",
  challenge: "no challenge seen",
  token: "no token request seen: a cached token, or asked for elsewhere",
  call: "no call with a token seen",
  answer: "no answer to a token seen",
};

function signingKey({ signature, signingKey: owner }: Handshake): HandshakeStep {
  const base = { step: "signing-key", transactionId: null } as const;
  switch (signature) {
    case "verified":
      return { ...base, state: "ok", note: `signature verified${owner === "" ? "" : ` by ${owner}`}` };
    case "failed":
      return { ...base, state: "failed", note: `signature does not match ${owner === "" ? "its key" : owner}` };
    case "no-key":
      return { ...base, state: "unseen", note: "no key known" };
    case "unchecked":
      return { ...base, state: "unseen", note: "signature not checked" };
  }
}
