// A handshake as it is judged and shown: what traffic proves, and what rows of logs say where traffic is silent.
import { type Direction, directionOf } from "../direction.ts";
import { evidenceIds, withEvidence } from "../evidence.ts";
import { type Handshake, joinLogs } from "../reduce.ts";

/**
 * The handshake with the states of its rows where its traffic has none: rows support or contradict traffic and never overrule it.
 * Unchanged without rows.
 */
export function shownHandshake(handshake: Handshake): Handshake {
  const { log } = handshake;
  if (log === null) return handshake;
  const hasAnswer = handshake.lanes.application !== undefined || handshake.lanes.user !== undefined;
  const isSilent = !hasAnswer && handshake.steps.token === undefined;
  return {
    ...handshake,
    stage: handshake.stage === "idle" ? log.stage : handshake.stage,
    lanes: { ...log.lanes, ...handshake.lanes },
    isTokenDenied: handshake.isTokenDenied || (isSilent && log.isTokenDenied),
    otherSignIns: [...handshake.otherSignIns, ...log.otherSignIns.filter((one) => !isKnown(handshake, one.scheme))],
    policy: hasAnswer ? handshake.policy : (handshake.policy ?? log.policy),
    steps: { ...log.steps, ...handshake.steps },
  };
}

function isKnown({ otherSignIns }: Handshake, scheme: string): boolean {
  return otherSignIns.some((one) => one.scheme === scheme);
}

/** True where only rows of logs show the handshake. */
export function isOfLog({ log, transactionCount }: Handshake): boolean {
  return log !== null && transactionCount === 0;
}

/** As `directionOf`; of a handshake of rows alone it is that of the rows. */
export function directionOfHandshake(handshake: Handshake): Direction | null {
  return handshake.log !== null && isOfLog(handshake) ? handshake.log.direction : directionOf(handshake);
}

/** Adds the rows of `rows` to another handshake of the same caller and server. */
export function attachRows(base: Handshake, rows: Handshake): Handshake {
  const isLater = rows.endedAt >= base.endedAt;
  return {
    ...base,
    ...(isLater ? joinedBy(base, rows) : joinedBy(rows, base)),
    client: base.transactionCount > 0 || base.client === rows.client ? base.client : "",
    caller: base.caller ?? rows.caller,
    route: base.route ?? rows.route,
    tokenService: base.tokenService ?? rows.tokenService,
    issuerAsSeen: base.issuerAsSeen === "" ? rows.issuerAsSeen : base.issuerAsSeen,
    actingAs: base.actingAs ?? rows.actingAs,
    startedAt: Math.min(base.startedAt, rows.startedAt),
    endedAt: Math.max(base.endedAt, rows.endedAt),
  };
}

function joinedBy(earlier: Handshake, later: Handshake): Pick<Handshake, "log" | "evidence"> {
  return {
    log: joinLogs(earlier.log, later.log),
    evidence: evidenceIds(later.evidence).reduce(withEvidence, earlier.evidence),
  };
}
