// `claims` of a challenge: what the server demands of the next access token (OpenID Connect Core 5.5, "Claims challenges" of the
// Microsoft identity platform). Continuous access evaluation sends it with error="insufficient_claims".
import { readBase64 } from "../base64.ts";
import type { DemandedClaims } from "../facts.ts";
import { isJsonObject, type JsonObject, readJsonObject } from "../json-text.ts";

const maxLength = 16 * 1024;
const maxNames = 16;

/** Decodes the base64 JSON of `claims`; null when it is absent, without names when it cannot be read. */
export function decodeDemandedClaims(value: string): DemandedClaims | null {
  if (value === "") return null;
  const accessToken = claimsOf(value)?.access_token;
  if (!isJsonObject(accessToken)) return { names: [], notBefore: null };
  const { nbf } = accessToken;
  return {
    names: Object.keys(accessToken).slice(0, maxNames),
    notBefore: isJsonObject(nbf) ? timeOf(nbf.value) : null,
  };
}

function claimsOf(value: string): JsonObject | null {
  if (value.length > maxLength) return null;
  // Some services send the JSON itself.
  const bytes = value.startsWith("{") ? null : readBase64(value);
  const text = bytes === null ? value : new TextDecoder().decode(bytes);
  const json = readJsonObject(text.trim());
  return json.ok ? json.value.value : null;
}

/** Seconds since 1970, as text or number. */
function timeOf(value: unknown): number | null {
  const seconds =
    typeof value === "number" || (typeof value === "string" && /^\d{1,12}$/.test(value)) ? Number(value) : 0;
  return seconds > 0 && seconds < 1e12 ? seconds * 1000 : null;
}
