// The directions in the first line of the screen, each part in several forms: the longest that fits is drawn.
import type { DirectionReport, Directions } from "../../diagnosis/analysis.ts";
import {
  directionNames,
  directionVerdicts,
  type HandshakeWay,
  routesText,
  routeWords,
  wayOfHandshake,
  wayText,
} from "../../diagnosis/direction-words.ts";

type Direction = keyof Directions;

/** Forms of one part of the line, the longest first. */
export type Forms = readonly string[];

/** Whether one direction is confirmed and the other is not, or was not seen. */
export function isOneWay(directions: Directions): boolean {
  const confirmed = directionNames.filter((name) => directions[name]?.verdict === "oauth-confirmed");
  return confirmed.length < directionNames.length && directionNames.some((name) => directions[name] !== null);
}

/**
 * Both directions of a capture without a refusal: `inbound via EWS (ACS) · outbound not seen`. Where that does not fit,
 * the shortest form has the direction that is not confirmed. Empty when the direction of no handshake is known.
 */
export function directionForms(directions: Directions): Forms {
  if (directionNames.every((name) => directions[name] === null)) return [];
  const joined = (part: (name: Direction) => string): string => directionNames.map(part).join(" · ");
  const open = directionNames.filter((name) => directions[name]?.verdict !== "oauth-confirmed");
  return [
    joined((name) => longForm(name, directions[name])),
    joined((name) => longForm(name, directions[name]).replace(" via ", " ")),
    joined((name) => middleForm(name, directions[name])),
    ...(open.length === 0
      ? [joined((name) => shortForm(name, directions[name])), "both ways"]
      : [open.map((name) => middleForm(name, directions[name])).join(" · ")]),
  ];
}

function longForm(name: Direction, report: DirectionReport | null): string {
  if (report === null) return `${name} not seen`;
  return [name, verdictPart(report), wayText(report)].filter((part) => part !== "").join(" ");
}

function middleForm(name: Direction, report: DirectionReport | null): string {
  if (report === null) return `${name} not seen`;
  const part = verdictPart(report) || routesText(report.routes);
  return part === "" ? name : `${name} ${part}`;
}

function shortForm(name: Direction, report: DirectionReport | null): string {
  const word = name === "inbound" ? "in" : "out";
  return [word, ...(report?.routes ?? []).map((route) => routeWords[route])].join(" ");
}

// A line that begins with CONFIRMED does not repeat it.
function verdictPart({ verdict }: DirectionReport): string {
  return verdict === "oauth-confirmed" ? "" : directionVerdicts[verdict];
}

/** Direction, route and token service of one handshake: `outbound via Graph (Entra v2)`. Empty without a direction. */
export function handshakeForms(handshake: HandshakeWay): Forms {
  const { direction } = handshake;
  if (direction === null) return [];
  const forms = [wayOfHandshake(handshake), wayOfHandshake({ ...handshake, tokenService: null }), direction];
  return [...new Set(forms)];
}

/** The direction that the line is not about: `outbound CONFIRMED via UCWA (ACS)`, or that it was not seen. */
export function otherDirectionForms(directions: Directions, { direction }: HandshakeWay): Forms {
  if (direction === null) return [];
  const other = direction === "inbound" ? "outbound" : "inbound";
  const report = directions[other];
  if (report === null) return [`${other} not seen`];
  const short = `${other} ${directionVerdicts[report.verdict]}`;
  const way = wayText(report);
  return way === "" ? [short] : [`${short} ${way}`, short];
}
