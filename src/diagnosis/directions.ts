// One verdict for each direction: a capture of one direction says nothing about the other.

import type { TokenService } from "../decoders/facts.ts";
import { type Direction, routes } from "../handshake/direction.ts";
import type { DirectionReport, Directions, HandshakeReport, Verdict } from "./analysis.ts";
import { worseVerdict } from "./verdict.ts";

const evidenceLimit = 20;
const hostLimit = 20;
/** All token services, in the order in which they are listed. */
export const tokenServices: readonly TokenService[] = ["acs", "entra-v1", "entra-v2", "own-key"];

/** The verdicts of handshakes that are no longer held, by direction. */
export type ForgottenVerdicts = ReadonlyMap<Direction, Verdict>;

const nothingForgotten: ForgottenVerdicts = new Map();

/** Both directions of a capture; null for one without a handshake. */
export function directionsOf(
  handshakes: readonly HandshakeReport[],
  forgotten: ForgottenVerdicts = nothingForgotten,
): Directions {
  return {
    inbound: reportDirection(ofDirection(handshakes, "inbound"), forgotten.get("inbound")),
    outbound: reportDirection(ofDirection(handshakes, "outbound"), forgotten.get("outbound")),
  };
}

function ofDirection(handshakes: readonly HandshakeReport[], direction: Direction): readonly HandshakeReport[] {
  return handshakes.filter((handshake) => handshake.direction === direction);
}

function reportDirection(
  handshakes: readonly HandshakeReport[],
  forgotten: Verdict | undefined,
): DirectionReport | null {
  const verdicts = handshakes.map(({ verdict }) => verdict);
  if (forgotten !== undefined) verdicts.push(forgotten);
  const [first, ...rest] = verdicts;
  if (first === undefined) return null;
  const verdict = rest.reduce(worse, first);
  const isBlocked =
    verdict === "inconclusive" && handshakes.some((one) => one.verdict === verdict && one.policy !== undefined);
  return {
    verdict,
    ...(isBlocked ? { isBlocked } : {}),
    routes: routes.filter((route) => handshakes.some((handshake) => handshake.route === route)),
    tokenServices: tokenServices.filter((one) => handshakes.some(({ tokenService }) => tokenService === one)),
    hosts: [...new Set(handshakes.map(({ server }) => server))].slice(0, hostLimit),
    evidence: evidenceOf(handshakes.filter((handshake) => handshake.verdict === verdict)),
  };
}

/** The directions of captures that were judged separately; ids of evidence are those of the worst ones. */
export function joinDirections(captures: readonly Directions[]): Directions {
  const reports = (name: Direction): readonly DirectionReport[] => captures.flatMap((one) => one[name] ?? []);
  return { inbound: joinReports(reports("inbound")), outbound: joinReports(reports("outbound")) };
}

function joinReports(reports: readonly DirectionReport[]): DirectionReport | null {
  const [first, ...rest] = reports;
  if (first === undefined) return null;
  const verdict = rest.reduce((worst, report) => worse(worst, report.verdict), first.verdict);
  const deciding = reports.filter((report) => report.verdict === verdict);
  return {
    verdict,
    routes: routes.filter((route) => reports.some((report) => report.routes.includes(route))),
    tokenServices: tokenServices.filter((service) => reports.some((report) => report.tokenServices.includes(service))),
    hosts: [...new Set(reports.flatMap(({ hosts }) => hosts))].slice(0, hostLimit),
    evidence: deciding.flatMap(({ evidence }) => evidence).slice(0, evidenceLimit),
  };
}

/** The worse of two verdicts of one direction. */
export function worse(one: Verdict, other: Verdict): Verdict {
  return worseVerdict(one, other) === one ? one : other;
}

/** The last row of each handshake that decides: the answer, or the last step that was seen. */
function evidenceOf(handshakes: readonly HandshakeReport[]): readonly string[] {
  const ids = handshakes.map(({ steps, transactions }) => {
    const last = steps.findLast(({ transactionId }) => transactionId !== null)?.transactionId ?? null;
    return last ?? transactions.at(-1) ?? "";
  });
  return [...new Set(ids)].filter((id) => id !== "").slice(0, evidenceLimit);
}
