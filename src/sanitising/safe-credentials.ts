import { readBase64 } from "../decoders/base64.ts";
import { decodeAuthorization, splitCredentials } from "../decoders/tokens/authorization.ts";
import { decodeNtlm } from "../decoders/tokens/ntlm.ts";
import { base64 } from "./base64-text.ts";
import { textOfBytes } from "./coded-text.ts";
import { isRedacted, type Pseudonymise, redactedValue } from "./redaction.ts";
import { safeAccount } from "./safe-account.ts";
import { onlyTokens, safeToken } from "./safe-token.ts";
import { scrubName } from "./scrub-text.ts";

const schemeNames = { basic: "Basic ", bearer: "Bearer ", ntlm: "NTLM ", negotiate: "Negotiate ", "": "" } as const;
const knownScheme = /^(?:basic|bearer|digest|msauth1\.0|msrtcoauth|negotiate|ntlm)$/i;

// Words without digits, and the registered names with digits (IANA HTTP Authentication Schemes; AWS Signature Version 4).
const otherScheme = /^(?:[A-Za-z][A-Za-z_-]{0,15}|SCRAM-SHA-(?:1|256)|AWS4-HMAC-SHA256)$/i;

/** An `Authorization` or `Proxy-Authorization` value with its original scheme and without usable credentials. */
export function safeAuthorization(value: string, pseudonymise: Pseudonymise): string {
  const parts = splitCredentials(value);
  if (parts.length > 1) return parts.map((part) => safeAuthorization(part, pseudonymise)).join(", ");
  if (isRedacted(value)) return value;
  const read = decodeAuthorization(value);
  // One spelling for all markers: text that an exporter added is dropped.
  if (read.scheme === "removed") return `${schemeNames[read.name]}REDACTED`;
  const [, scheme = "", space = "", rest = ""] = /^(\S*)([ \t]*)(.*)$/s.exec(value.trim()) ?? [];
  if (rest === "") return knownScheme.test(scheme) ? value : bareValue(value, pseudonymise);
  switch (read.scheme) {
    case "bearer":
      return `${scheme}${space}${safeToken(rest, pseudonymise)}`;
    case "basic":
      return `${scheme}${space}${safeBasic(rest, read.isDecodable, pseudonymise)}`;
    case "ntlm":
    case "negotiate":
      return `${scheme}${space}${safeBlob(rest, pseudonymise)}`;
    default: {
      const tokens = onlyTokens(value, pseudonymise);
      const isName = otherScheme.test(scheme) && !scheme.startsWith("ey");
      const name = isName ? `${scheme} ` : "";
      return tokens === "" ? `${name}${redactedValue(rest, pseudonymise)}` : `${name}${tokens}`;
    }
  }
}

/** A challenge: parameters stay without people and secrets, NTLM and Negotiate blobs lose their content. */
export function safeChallenge(value: string, pseudonymise: Pseudonymise): string {
  const blobless = value.replace(
    /\b(NTLM|Negotiate)([ \t]+)([A-Za-z0-9+/=_-]{8,})/gi,
    (_, scheme: string, space: string, blob: string) => `${scheme}${space}${safeBlob(blob, pseudonymise)}`,
  );
  return scrubName(blobless, pseudonymise);
}

// A value without a scheme: a raw token, or something unknown.
function bareValue(value: string, pseudonymise: Pseudonymise): string {
  const tokens = onlyTokens(value, pseudonymise);
  return tokens === "" ? redactedValue(value, pseudonymise) : tokens;
}

/** RFC 7617: a pseudonym for the account, a fixed word for the password, so that neither its characters nor its length stay. */
function safeBasic(credentials: string, isDecodable: boolean, pseudonymise: Pseudonymise): string {
  const bytes = isDecodable ? readBase64(credentials) : null;
  if (bytes === null) return redactedValue(credentials, pseudonymise);
  const text = textOfBytes(bytes);
  const account = text.slice(0, text.indexOf(":"));
  return base64(new TextEncoder().encode(`${safeAccount(account, pseudonymise)}:<password>`));
}

const messageNumbers = { negotiate: 1, challenge: 2, authenticate: 3 } as const;

/** An NTLM message of the same type with every other field zero ([MS-NLMP] 2.2.1); of any other blob only the mechanism. */
function safeBlob(blob: string, pseudonymise: Pseudonymise): string {
  const read = decodeNtlm(blob);
  if (!read.ok) return redactedValue(blob, pseudonymise);
  const { type, isNtlm } = read.value;
  if (!isNtlm) return type === "kerberos" ? "<negotiate:kerberos>" : "<negotiate:spnego>";
  const bytes = new Uint8Array(40);
  bytes.set([0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0x00]);
  bytes[8] = type === "negotiate" || type === "challenge" || type === "authenticate" ? messageNumbers[type] : 0;
  return base64(bytes);
}
