// Fields that name programs: products and versions stay, names of machines become pseudonyms.

import { type Pseudonymise, pseudonymOfMachine } from "./redaction.ts";
import { scrubName } from "./scrub-text.ts";

// A computer name of Windows (`PC-ANNA`, `DESKTOP-4F7K2QX`), and a name in a private domain.
const computer = /(?<![\w./-])(?=[A-Z0-9-]{5,15}(?![\w.-]))[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+/g;
const internalName =
  /(?<![\w.@/:-])(?:[a-z0-9-]{1,63}\.){1,8}(?:local|localdomain|lan|internal|intranet|intra|corp|home|private|ad)(?![\w-]|\.\w)/gi;
const noMachines = /^(?:utf-\d+|iso-\d+-\d+|x-ms-[a-z-]+|us-ascii|en-us)$/i;

/** `User-Agent` and `Server` (RFC 9110 §10.1.5). */
export function safeProducts(value: string, pseudonymise: Pseudonymise): string {
  const put = (name: string): string => (noMachines.test(name) ? name : pseudonymOfMachine(name, pseudonymise));
  return scrubName(value, pseudonymise).replace(computer, put).replace(internalName, put);
}

const hop = /^(\s*(?:[A-Za-z][\w-]{0,16}\/)?\d(?:\.\d)?\s+)([^\s,()]{1,255}?)((?::\d{1,5})?)(?=\s|$)(.*)$/s;

/** `Via`: RFC 9110 §7.6.3 allows a pseudonym in place of a proxy's host. The number of proxies and their products stay. */
export function safeVia(value: string, pseudonymise: Pseudonymise): string {
  return value
    .split(",")
    .map((part) => {
      const [, protocol, name = "", port = "", comment = ""] = hop.exec(part) ?? [];
      if (protocol === undefined) return safeProducts(part, pseudonymise);
      return `${protocol}${pseudonymOfMachine(name, pseudonymise)}${port}${safeProducts(comment, pseudonymise)}`;
    })
    .join(",");
}
