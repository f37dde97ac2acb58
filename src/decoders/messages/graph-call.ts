// Which feature of Exchange Server a call to Microsoft Graph serves, by the end of its path. Ids and addresses of people in the path
// decide nothing.
import type { GraphFamily } from "../graph-facts.ts";

const maxPath = 2048;
const version = /^(?:v\d{1,2}\.\d{1,2}|beta)$/;
/** OData: a key in parentheses (`users('anna')`). */
const keyed = /^users\(.*\)$/;

/** The family of a Graph path (`/v1.0/users/{id}/calendar/getSchedule`), with or without query, in any letter case and coding. */
export function graphFamilyOf(path: string): GraphFamily {
  const [first, ...rest] = segmentsOf(path);
  return first === undefined || !version.test(first) ? "unknown" : familyOf(rest);
}

/** As `graphFamilyOf`, for the URL of a request inside a batch: relative, and without a version. */
export function batchedFamilyOf(url: string): GraphFamily {
  const family = familyOf(segmentsOf(url));
  return family === "batch" ? "unknown" : family;
}

function familyOf([owner, ...rest]: readonly string[]): GraphFamily {
  if (owner === "$batch") return rest.length === 0 ? "batch" : "unknown";
  if (owner === "me" || (owner !== undefined && keyed.test(owner))) return familyOfMailbox(rest);
  // The segment after `users` is a person.
  return owner === "users" ? familyOfMailbox(rest.slice(1)) : "unknown";
}

function familyOfMailbox(segments: readonly string[]): GraphFamily {
  const [first] = segments;
  switch (operationOf(segments.at(-1) ?? "")) {
    case "getschedule":
      return "free-busy";
    case "getmailtips":
      return "mail-tips";
    default:
      if (first === "mailboxsettings") return "mailbox-settings";
      return first === "photo" || first === "photos" ? "photo" : "unknown";
  }
}

/** An action or function without its namespace and parentheses (OData 4.01 URL conventions 4.5). */
function operationOf(segment: string): string {
  return segment.replace(/^microsoft\.graph\./, "").replace(/\(\)$/, "");
}

/** The segments in lower case, decoded; empty ones left out. */
function segmentsOf(url: string): readonly string[] {
  const end = url.search(/[?#]/);
  const path = (end === -1 ? url : url.slice(0, end)).slice(0, maxPath).replace(/^https?:\/\/[^/]*/i, "");
  return path
    .split("/")
    .filter((segment) => segment !== "")
    .map((segment) => decoded(segment).toLowerCase());
}

function decoded(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
