// Secrets and people in a row of a server's log, by their outline: a row has no fields that name them. It takes too much rather than
// too little.
import type { LogRow } from "../../core/log-row.ts";
import type { SecretPlaces } from "./secret-places.ts";

const longest = 65_536;
const sid = /\bS-1-5-21(?:-\d{1,10}){3,5}\b/gi;
const address = /([\p{L}\p{N}_][\p{L}\p{M}\p{N}._%+'~-]{0,63})(?:@|%(?:25)*40)(?=[\p{L}\p{N}])/gu;
const userUri = /\b(?:sips?|smtp|upn|mailto|tel|liveid|netid|oid|puid):([^\s;,<>"'/?@()&|]{3,128})/gi;
const directoryName = /\bCN=([^,"<>/]{2,64})/gi;
const legacyName = /\/cn=([^/,"<>\s]{2,64})/gi;
const account = /(?<![\p{L}\p{N}\\])[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}\\{1,2}([\p{L}\p{N}_][\p{L}\p{N}._$-]{1,63})/gu;
const token = /\be[yw][A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.([A-Za-z0-9_-]{6,})/g;
const named =
  /(?:token|assertion|secret|passw(?:or)?d|pwd|cookie|ticket|api_?key|canary|bearer|basic)["']?[\s=:]{1,4}["']?([^\s"'&<>;,]{6,4096})/gi;
const mailbox = /(?:mailbox(?:id)?=|\/)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:@|%(?:25)*40)/gi;
const ours = /^(?:<|\*{3}|redacted|(?:user|client|domain|machine|x)-[a-z2-7]{10}$|s-1-5-21-0-0-0-)/i;
const application = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\/|$)/i;

/** The values of one row that are a secret or a person. */
export function secretsOfRow(row: LogRow): SecretPlaces {
  const texts = [
    ...[row.id, row.file, row.server, row.host, row.method, row.path, row.userAgent, row.failure],
    ...[row.requestId, row.clientRequestId, row.realm, row.printedToken, row.operation, row.certificate],
    ...[row.caller?.applicationId, ...(row.actsAs?.keys ?? []), row.refusal?.category, row.refusal?.text],
  ].flatMap((text) => (text === null || text === undefined || text === "" ? [] : [decoded(text.slice(0, longest))]));
  const found = (patterns: readonly RegExp[]): readonly string[] =>
    texts.flatMap((text) =>
      patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([whole, value = whole]) => value.trim())),
    );
  return {
    secrets: found([token, named, mailbox]).filter((value) => !ours.test(value)),
    names: found([sid, address, userUri, directoryName, legacyName, account]).filter(
      (value) => !ours.test(value) && !application.test(value),
    ),
    places: [row.host, row.server, row.realm ?? ""].filter(
      (place) => /^[\p{L}\p{N}._-]{1,253}$/u.test(place) && !/^S-1-5-/i.test(place),
    ),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
