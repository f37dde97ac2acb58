// Whether an analysis of logs says no more than the analysis of the traffic that the logs are about.
import type { Analysis, HandshakeReport } from "../../src/diagnosis/analysis.ts";
import { exchangeName } from "../../src/lab/names.ts";

/**
 * Statements of the logs' analysis that the traffic does not bear out, in words; empty where the logs agree or say less.
 * Less is: nothing at all, an undecided verdict, a caller or a realm that is not named, a lane that is not seen.
 */
export function excessOf(log: Analysis, traffic: Analysis): string[] {
  return [
    ...log.handshakes.flatMap((one) => excessOfHandshake(one, log, traffic.handshakes)),
    ...(["inbound", "outbound"] as const).flatMap((direction) => excessOfDirection(direction, log, traffic)),
    ...excessOfFindings(log, traffic),
    ...log.checklist.filter(({ isSeen }) => isSeen).map(({ sign }) => `sign ${sign} is seen`),
  ];
}

/** Rows of a back end and events name the server that wrote them, not the host that was called. */
function calledHost({ server }: HandshakeReport): string {
  return /^ex0[12](?:\.|$)/i.test(server) ? exchangeName : server;
}

function excessOfHandshake(log: HandshakeReport, analysis: Analysis, all: readonly HandshakeReport[]): string[] {
  const name = `${log.principal?.id ?? "someone"} at ${log.server}`;
  const called = calledHost(log);
  const same = all.filter(
    ({ direction, server, principal }) =>
      direction === log.direction && server === called && [undefined, principal?.id].includes(log.principal?.id),
  );
  const faults = [
    ...(log.basis === "log" ? [] : [`basis is ${log.basis}`]),
    ...(log.signature === "unchecked" && log.signingKey === "" ? [] : [`signature is ${log.signature}`]),
    ...(log.realm === "" || same.some(({ realm }) => realm === log.realm) ? [] : [`realm is ${log.realm}`]),
    ...(isBorneOut(log, same, analysis)
      ? []
      : [`verdict is ${log.verdict}, of the traffic ${same.map(({ verdict }) => verdict).join()}`]),
    ...(["application", "user"] as const)
      .filter((lane) => log.lanes[lane] !== "unseen" && !same.some(({ lanes }) => lanes[lane] === log.lanes[lane]))
      .map((lane) => `${lane} is ${log.lanes[lane]}`),
  ];
  return faults.map((fault) => `${name}: ${fault}`);
}

function isBorneOut(
  { verdict, principal, lanes, direction }: HandshakeReport,
  same: readonly HandshakeReport[],
  log: Analysis,
): boolean {
  const verdicts = same.map((one) => one.verdict);
  switch (verdict) {
    case "inconclusive":
      return true;
    case "oauth-confirmed": {
      // Of calls as a user the log perhaps does not name the caller. Where the traffic refuses those, the log confirms the
      // application alone, and not the direction, which has the calls that it does not name.
      const isFine = (one: HandshakeReport): boolean =>
        one.verdict === verdict ||
        (one.verdict === "oauth-rejected" &&
          lanes.user === "unseen" &&
          one.lanes.application === "accepted" &&
          log.directions[direction ?? "inbound"]?.verdict !== verdict);
      return principal === null ? same.some(isFine) : same.length > 0 && same.every(isFine);
    }
    case "oauth-rejected":
      // A caller that fell back was refused before.
      return verdicts.includes(verdict) || verdicts.includes("basic-fallback");
    default:
      return verdicts.includes(verdict);
  }
}

function excessOfDirection(direction: "inbound" | "outbound", log: Analysis, traffic: Analysis): string[] {
  const [said, seen] = [log.directions[direction]?.verdict, traffic.directions[direction]?.verdict];
  const isLess = said === undefined || said === "inconclusive" || said === seen;
  return isLess || (said === "oauth-rejected" && seen === "basic-fallback")
    ? []
    : [`${direction} is ${said}, in the traffic ${seen ?? "not seen"}`];
}

/** Causes that name less than a cause of the traffic does. */
const vague = ["REFUSED_UNKNOWN", "REFUSED_USER"];

function excessOfFindings(log: Analysis, traffic: Analysis): string[] {
  const known = new Set([...traffic.findings.map(({ code }): string => code), ...vague]);
  return log.findings
    .filter(
      ({ code, severity }) => ["alarm", "error"].includes(severity) && !code.startsWith("LOG_") && !known.has(code),
    )
    .map(({ code }) => `finding ${code}`);
}
