// The words for directions, routes and token services, the same in every view, report and log. All are words of this program.
import type { TokenService } from "../decoders/facts.ts";
import type { Direction, Route } from "../handshake/direction.ts";
import type { DirectionReport, Directions, HandshakeReport, Verdict } from "./analysis.ts";

/** Both directions, in the order in which they are listed. */
export const directionNames: readonly Direction[] = ["inbound", "outbound"];

/** `inbound (to Exchange Server)`: the direction with its explanation. */
export const directionTitles: Readonly<Record<Direction, string>> = {
  inbound: "inbound (to Exchange Server)",
  outbound: "outbound (from Exchange Server)",
};

export const routeWords: Readonly<Record<Route, string>> = {
  ews: "EWS",
  graph: "Graph",
  rest: "REST",
  autodiscover: "Autodiscover",
  ucwa: "UCWA",
  mapi: "MAPI",
  activesync: "ActiveSync",
  other: "another interface",
};

export const tokenServiceWords: Readonly<Record<TokenService, string>> = {
  acs: "ACS",
  "entra-v1": "Entra v1",
  "entra-v2": "Entra v2",
  "own-key": "own key",
};

/** The verdict of a direction in one word or two, without `OAuth`. */
export const directionVerdicts: Readonly<Record<Verdict, string>> = {
  "oauth-confirmed": "CONFIRMED",
  "oauth-rejected": "FAILED",
  "basic-fallback": "BASIC FALLBACK",
  "other-auth": "another sign-in",
  inconclusive: "undecided",
};

/** `via EWS, REST`; empty without a route. */
export function routesText(routes: readonly Route[]): string {
  return routes.length === 0 ? "" : `via ${routes.map((route) => routeWords[route]).join(", ")}`;
}

/** `via EWS (ACS)`: routes and token services as far as they are known; empty when none is. */
export function wayText({ routes, tokenServices }: Pick<DirectionReport, "routes" | "tokenServices">): string {
  const services = tokenServices.map((service) => tokenServiceWords[service]).join(", ");
  return [routesText(routes), services === "" ? "" : `(${services})`].filter((part) => part !== "").join(" ");
}

/** Route and token service of one handshake as lists, empty where they are not known. */
export function seenWay({ route, tokenService }: HandshakeWay): Pick<DirectionReport, "routes" | "tokenServices"> {
  return { routes: route === null ? [] : [route], tokenServices: tokenService === null ? [] : [tokenService] };
}

/** `inbound via EWS (ACS)` for one handshake, as far as it is known; empty without a direction. */
export function wayOfHandshake(handshake: HandshakeWay): string {
  const { direction } = handshake;
  if (direction === null) return "";
  const way = wayText(seenWay(handshake));
  return way === "" ? direction : `${direction} ${way}`;
}

/** The part of a handshake that tells who calls whom, and how. */
export type HandshakeWay = Pick<HandshakeReport, "direction" | "route" | "tokenService">;

/** Both directions in one clause, with the verdicts of the JSON; empty when neither was seen. */
export function directionsSummary({ inbound, outbound }: Directions): string {
  if (inbound === null && outbound === null) return "";
  return `inbound ${directionSummary(inbound)}, outbound ${directionSummary(outbound)}`;
}

/** `oauth-confirmed via EWS (ACS)`, or `not seen`. */
export function directionSummary(report: DirectionReport | null): string {
  if (report === null) return "not seen";
  const way = wayText(report);
  return way === "" ? report.verdict : `${report.verdict} ${way}`;
}

/** The sentence for a direction of a capture that does not show it. */
export function unseenWords(isRemoved: boolean): string {
  return isRemoved ? "cannot be seen: credentials were removed from this capture" : "not seen in this capture";
}
