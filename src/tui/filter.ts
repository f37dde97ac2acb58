import type { TrafficRow } from "../diagnosis/analysis.ts";

export type RowFilter = (row: TrafficRow) => boolean;

const fields: Readonly<Record<string, (row: TrafficRow) => string>> = {
  host: (row) => row.host,
  path: (row) => row.path,
  method: (row) => row.method,
  status: (row) => (row.status === null ? "none" : String(row.status)),
  auth: (row) => row.auth,
  client: (row) => row.client,
  handshake: (row) => row.handshakeId ?? "none",
  severity: (row) => row.worst ?? "none",
  id: (row) => row.id,
};

export const filterFields: readonly string[] = Object.keys(fields);

/**
 * Words that must all fit: `host:lync`, `status:401`, `auth:basic`, `!severity:none`, or a bare word anywhere in the row.
 * Plain text in any letter case, no pattern. A problem in our words when a field is unknown.
 */
export function parseFilter(text: string): RowFilter | string {
  const tests: RowFilter[] = [];
  for (const term of text.trim().toLowerCase().split(/\s+/).filter(Boolean)) {
    const isNot = term.startsWith("!");
    const word = isNot ? term.slice(1) : term;
    const colon = word.indexOf(":");
    const name = colon === -1 ? "" : word.slice(0, colon);
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (name !== "" && field === undefined) return `there is no field "${name}"; fields: ${filterFields.join(" ")}`;
    const wanted = word.slice(colon + 1);
    const read = field ?? anywhere;
    tests.push((row) => read(row).toLowerCase().includes(wanted) !== isNot);
  }
  return (row) => tests.every((test) => test(row));
}

function anywhere(row: TrafficRow): string {
  return `${row.id} ${row.method} ${row.host}${row.path} ${row.status ?? ""} ${row.auth} ${row.detail}`;
}
