// Fields that belong to one connection or to the coding of a body are made anew when a saved message is sent again.
import type { Headers } from "../core/headers.ts";
import type { CapturedBody } from "../core/http-transaction.ts";

// RFC 9110 7.6.1 and what depends on the body as it is sent; Expect would wait for an answer that nobody saved.
const ofConnection: ReadonlySet<string> = new Set(
  "connection keep-alive proxy-connection te trailer transfer-encoding upgrade content-length expect proxy-authenticate proxy-authorization".split(
    " ",
  ),
);

/** The fields of a saved message for Node, in order, repeats as a list. */
export function fieldsToSend(headers: Headers, body: CapturedBody): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  const names = new Map<string, string>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (ofConnection.has(lower) || !isField(name, value)) continue;
    // A body that was unpacked when it was captured is sent unpacked.
    if (lower === "content-encoding" && body.contentCoding === null) continue;
    const first = names.get(lower) ?? name;
    names.set(lower, first);
    const known = fields[first];
    fields[first] = known === undefined ? value : [known, value].flat();
  }
  return fields;
}

/** RFC 9110 5.1 and 5.5: what Node would refuse to send. */
function isField(name: string, value: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !/[^\t\x20-\x7e\x80-\xff]/.test(value);
}
