import { isJsonObject, type JsonObject, readJsonObject } from "../decoders/json-text.ts";
import { looksLikeJwt } from "../decoders/tokens/jwt.ts";
import { withoutPeople } from "./people.ts";
import { type Pseudonymise, redactedValue } from "./redaction.ts";
import { safeGraphMembers } from "./safe-graph-body.ts";
import { safeToken } from "./safe-token.ts";
import { safeUrl } from "./safe-url.ts";
import { scrubName, scrubText } from "./scrub-text.ts";

/** A safe copy of a JSON object: a metadata document or key set, a body of Microsoft Graph, else the answer of a token service. Null when unreadable. */
export function safeJsonBody(text: string, pseudonymise: Pseudonymise): string | null {
  const document = readJsonObject(text);
  if (!document.ok) return null;
  const { value } = document.value;
  if (isDiscoveryAnswer(value)) return JSON.stringify(safeDiscovery(value, pseudonymise));
  const isKeySet = Object.entries(value).some(([name, member]) => /^keys$/i.test(name) && Array.isArray(member));
  if (isKeySet) return JSON.stringify(safeMetadata(value, pseudonymise));
  return JSON.stringify(
    toldRefusal(text, pseudonymise) ?? safeGraphMembers(value, pseudonymise) ?? safeAnswer(value, pseudonymise),
  );
}

// The escapes of the quotes stay in the text of a body.
const toldDiagnostics = /\bdiagnostics: ?[0-9]{5,10};reason=\\?"[^"\\]{0,400}\\?";error_category=\\?"[a-z_]{3,40}\\?"/i;

/** Of an answer that tells of another server's refusal, the diagnostics alone, as safe as those of a header field. */
function toldRefusal(text: string, pseudonymise: Pseudonymise): JsonObject | null {
  const told = toldDiagnostics.exec(text)?.[0];
  return told === undefined ? null : { MessageText: scrubText(told.replaceAll("\\", ""), pseudonymise) };
}

/** The answer of Autodiscover v2: an address, or an error whose message names the user. */
function isDiscoveryAnswer({ Protocol: protocol, Url: url, ErrorCode: code }: JsonObject): boolean {
  return typeof code === "string" || (typeof protocol === "string" && typeof url === "string");
}

function safeDiscovery(answer: JsonObject, pseudonymise: Pseudonymise): JsonObject {
  const { Protocol: protocol, Url: url, ErrorCode: code } = answer;
  const word = /^[A-Za-z0-9]{1,64}$/;
  return {
    ...(typeof protocol === "string" && word.test(protocol) ? { Protocol: scrubName(protocol, pseudonymise) } : {}),
    ...(typeof url === "string" ? { Url: safeUrl(url.slice(0, 2048), pseudonymise) } : {}),
    ...(typeof code === "string" && word.test(code) ? { ErrorCode: scrubName(code, pseudonymise) } : {}),
  };
}

// RFC 6749 §5.1 and §5.2, and additions of Microsoft's token services.
const keptMembers: ReadonlySet<string> = new Set([
  ...["token_type", "expires_in", "ext_expires_in", "expires_on", "not_before", "resource", "scope", "error"],
  ...["error_codes", "timestamp", "trace_id", "correlation_id", "suberror", "code"],
]);
const keptText = /^[\x20-\x7e]{0,256}$/;
const publicCodes = /(?<![A-Za-z0-9])(?:ACS[0-9]{5}|AADSTS[0-9]{4,8}|MSIS[0-9]{3,6})(?![0-9])/g;

function safeAnswer(answer: JsonObject, pseudonymise: Pseudonymise, depth = 0): JsonObject {
  return Object.fromEntries(
    Object.entries(answer)
      .slice(0, 200)
      .map(([name, value]) => {
        const safeName = /^[a-z_.]{1,32}$/.test(name) ? name : redactedValue(name, pseudonymise);
        return [safeName, safeMember(name, value, { pseudonymise, depth })];
      }),
  );
}

interface MemberContext {
  readonly pseudonymise: Pseudonymise;
  readonly depth: number;
}

function safeMember(name: string, value: unknown, { pseudonymise, depth }: MemberContext): unknown {
  if (value === null || typeof value === "boolean") return value;
  // Newer services nest code and message in `error`.
  if (name === "error" && isJsonObject(value) && depth < 4) return safeAnswer(value, pseudonymise, depth + 1);
  if (typeof value === "string") return safeText(name, value, pseudonymise);
  if (!keptMembers.has(name)) return "<redacted>";
  if (typeof value === "number") return value;
  return Array.isArray(value) ? value.filter((item) => typeof item === "number").slice(0, 16) : "<redacted>";
}

function safeText(name: string, value: string, pseudonymise: Pseudonymise): string {
  if (looksLikeJwt(value)) return safeToken(value, pseudonymise);
  // The text names users and addresses; the code is enough.
  if (name === "error_description" || name === "message") return (value.match(publicCodes) ?? []).join(" ");
  if (keptMembers.has(name) && keptText.test(value)) return scrubName(value, pseudonymise);
  return redactedValue(value, pseudonymise);
}

// [MS-XOAUTH] metadata documents and RFC 7517 key sets are public, but a key set may hold its private keys: only members known to be
// public are kept.
const metadataMembers: ReadonlySet<string> = new Set([
  ...["id", "name", "version", "realm", "issuer", "servicename", "keys", "endpoints", "allowedaudiences"],
  ...["use", "usage", "kty", "alg", "kid", "x5t", "x5c", "n", "e", "keyinfo", "keyvalue", "type", "value"],
  ...["location", "protocol"],
]);

function safeMetadata(document: JsonObject, pseudonymise: Pseudonymise): JsonObject {
  const kept = Object.entries(document).filter(([name]) => metadataMembers.has(name.toLowerCase()));
  return Object.fromEntries(kept.slice(0, 64).map(([name, value]) => [name, publicValue(value, pseudonymise)]));
}

function publicValue(value: unknown, pseudonymise: Pseudonymise): unknown {
  if (typeof value === "string")
    return value.length <= 64 * 1024 && !value.includes("-----BEGIN")
      ? withoutPeople(value, pseudonymise)
      : "<redacted>";
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  if (Array.isArray(value)) return value.slice(0, 64).map((item) => publicValue(item, pseudonymise));
  return isJsonObject(value) ? safeMetadata(value, pseudonymise) : "<redacted>";
}
