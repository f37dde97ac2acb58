// Most rows that hold the word of a sign-in are of Exchange's own probes and hops and of persons' Outlook. A few cells tell them, and
// so a reader of a million rows does not build the others.
import { timeOf } from "./cell-values.ts";
import { type ColumnNames, hasCellCount } from "./columns.ts";
import { readSignedIn } from "./signed-in.ts";

/** Words of the agents of Microsoft's services; in a longer text they may be anything. */
const serviceWords = /Skype|Ninja|Teams|Schedul|CrossFor/i;
/** Members of GenericInfo that name a caller or a refusal. */
const oauthMembers = /OAuth|ActAs/i;

/** Columns that tell. */
const tellingColumns = ["datetime", "useragent", "authenticateduser", "authenticationtype", "isauthenticated"] as const;

/**
 * Tells of a line of HttpProxy, Ews or Autodiscover whether its reader drops it for certain: a health check, a hop between servers, or
 * a person's sign-in with a token. False where it must be read to know.
 */
export function startPlainDrop(columns: ColumnNames): (line: string) => boolean {
  const places = tellingColumns.map((name) => columns.indexOf(name));
  return (line) => {
    // A quoted cell may hold commas: the reader knows.
    if (line.includes('"') || oauthMembers.test(line)) return false;
    const cells = cellsAt(line, places, columns);
    if (cells === null) return false;
    const [time = "", agent = "", user = "", type = "", isAuthenticated = ""] = cells;
    if (timeOf(time) === null || serviceWords.test(agent)) return false;
    const { kind } = readSignedIn(user);
    switch (type.toLowerCase()) {
      case "bearer":
        return kind === "sid" && isAuthenticated.toLowerCase() === "true";
      case "ntlm":
      case "negotiate":
        return kind === "machine" || (kind === "health-mailbox" && /^AMProbe\/[\w/.-]{0,80}$/i.test(agent));
      default:
        return false;
    }
  };
}

/** The cells at some places of a line without quotes; null when it has another number of cells than the header. */
function cellsAt(line: string, places: readonly number[], columns: ColumnNames): readonly string[] | null {
  const cells = places.map(() => "");
  const last = Math.max(...places);
  let count = 0;
  for (let at = 0; at <= line.length; count++) {
    const comma = line.indexOf(",", at);
    const end = comma === -1 ? line.length : comma;
    if (count <= last) {
      const place = places.indexOf(count);
      if (place !== -1) cells[place] = line.slice(at, end).trim();
    }
    at = end + 1;
  }
  return hasCellCount(columns, count) ? cells : null;
}
