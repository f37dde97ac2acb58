// Header fields that belong to one connection or to the coding of a body are not replayed; the new message has its own.
import type { Headers } from "../core/headers.ts";
import type { CapturedBody } from "../core/http-transaction.ts";

// RFC 9110 7.6.1 and fields that depend on the sent body. Expect would wait for an interim answer that was not saved.
const ofConnection: ReadonlySet<string> = new Set(
  "connection keep-alive proxy-connection te trailer transfer-encoding upgrade content-length expect proxy-authenticate proxy-authorization".split(
    " ",
  ),
);

/** The fields of a saved message for Node, in order; repeated fields are lists. */
export function fieldsToSend(headers: Headers, body: CapturedBody): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  const names = new Map<string, string>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (ofConnection.has(lower) || !isField(name, value)) continue;
    // A body that was decoded when it was captured is sent decoded.
    if (lower === "content-encoding" && body.contentCoding === null) continue;
    const first = names.get(lower) ?? name;
    names.set(lower, first);
    const known = fields[first];
    fields[first] = known === undefined ? value : [known, value].flat();
  }
  return fields;
}

/** RFC 9110 5.1 and 5.5; Node throws on any other field. */
function isField(name: string, value: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !/[^\t\x20-\x7e\x80-\xff]/.test(value);
}
