// Most rows that hold the word of a sign-in are of Exchange's own probes and hops and of persons' Outlook. A few cells tell them, and
// whoever reads a million rows need not build the others.
import { timeOf } from "./cell-values.ts";
import { bindColumns, type ColumnNames, hasAllCells } from "./columns.ts";
import { csvCells } from "./csv-cells.ts";
import { readSignedIn } from "./signed-in.ts";

/** Words of the agents of Microsoft's services; in a longer text they may be anything. */
const serviceWords = /Skype|Ninja|Teams|Schedul|CrossFor/i;
/** Members of GenericInfo that name a caller or a refusal. */
const oauthMembers = /OAuth|ActAs/i;

/**
 * Tells of a line of HttpProxy, Ews or Autodiscover whether its reader drops it for certain: a health check, a hop between servers, or
 * a person's sign-in with a token. False where it must be read to know.
 */
export function startPlainDrop(columns: ColumnNames): (line: string) => boolean {
  const bind = bindColumns(columns);
  return (line) => {
    const cells = csvCells(line);
    if (cells === null || !hasAllCells(columns, cells)) return false;
    const cell = bind(cells);
    const agent = cell("useragent");
    if (serviceWords.test(agent) || oauthMembers.test(cell("genericinfo")) || timeOf(cell("datetime")) === null)
      return false;
    const { kind } = readSignedIn(cell("authenticateduser"));
    const type = cell("authenticationtype").toLowerCase();
    if (type === "bearer") return kind === "sid" && cell("isauthenticated").toLowerCase() === "true";
    if (type !== "ntlm" && type !== "negotiate") return false;
    return kind === "machine" || (kind === "health-mailbox" && /^AMProbe\/[\w/.-]{0,80}$/i.test(agent));
  };
}
