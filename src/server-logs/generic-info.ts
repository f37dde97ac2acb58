// The `name=value;` members of the columns GenericInfo and GenericErrors.

const mostMembers = 512;

/** Members by the last part of their name in lower case, without types (`S:`, `I32:`) and dotted prefixes; the first one counts. */
export type Members = ReadonlyMap<string, string>;

/**
 * Reads the members of a cell. A member that holds `;` is in single quotes as a whole: `'S:AS.ReqStats=…;…'`. Exchange writes blanks
 * in place of `;` and `=` inside any other value, so a value ends at the next `;`.
 */
export function readMembers(text: string): Members {
  const members = new Map<string, string>();
  let at = 0;
  for (let count = 0; at < text.length && count < mostMembers; count++) {
    const isQuoted = text[at] === "'";
    const start = isQuoted ? at + 1 : at;
    const end = isQuoted ? quotedEnd(text, start) : memberEnd(text, start);
    addMember(members, text.slice(start, end).trim());
    at = memberEnd(text, end) + 1;
    while (text[at] === " ") at++;
  }
  return members;
}

function addMember(members: Map<string, string>, member: string): void {
  const equals = member.indexOf("=");
  if (equals < 1 || equals > 200) return;
  const name = member.slice(0, equals).trim();
  const short = name.slice(Math.max(name.lastIndexOf("."), name.lastIndexOf(":")) + 1).toLowerCase();
  if (short !== "" && !members.has(short)) members.set(short, member.slice(equals + 1).trim());
}

function memberEnd(text: string, from: number): number {
  const end = text.indexOf(";", from);
  return end === -1 ? text.length : end;
}

/** The index of the quote that closes a member: before a `;` or at the end. Without one the member ends as an unquoted one. */
function quotedEnd(text: string, from: number): number {
  const end = text.indexOf("';", from);
  if (end !== -1) return end;
  const last = text.trimEnd();
  return last.endsWith("'") && last.length > from ? last.length - 1 : memberEnd(text, from);
}
