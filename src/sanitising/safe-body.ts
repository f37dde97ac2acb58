// Bodies: known kinds are rebuilt from named fields; of all others only the size stays.
import type { CapturedBody } from "../core/http-transaction.ts";
import { bodyText, readFormFields } from "../decoders/body-text.ts";
import { looksLikeJwt } from "../decoders/tokens/jwt.ts";
import { isRedactedWord, type Pseudonymise, redactedValue } from "./redaction.ts";
import { safeAccount } from "./safe-account.ts";
import { safeJsonBody } from "./safe-json-body.ts";
import { safeToken } from "./safe-token.ts";
import { scrubName } from "./scrub-text.ts";
import { xmlSkeleton } from "./xml-skeleton.ts";

const limit = 1024 * 1024;
const encoder = new TextEncoder();
const noBytes = new Uint8Array(0);

/** A body with its size on the wire and the parts of its content that are known not to be secret. */
export function safeBody(body: CapturedBody, contentType: string, pseudonymise: Pseudonymise): CapturedBody {
  if (body.bytes.length === 0) return body;
  const text = safeBodyText(bodyText(body, limit), contentType.toLowerCase(), pseudonymise);
  return { ...body, bytes: text === null ? noBytes : encoder.encode(text) };
}

function safeBodyText(text: string, type: string, pseudonymise: Pseudonymise): string | null {
  if (text === "") return null;
  const start = text.trimStart();
  if (start.startsWith("{")) return safeJsonBody(start, pseudonymise);
  if (start.startsWith("<")) return xmlSkeleton(start);
  // Some clients omit the type of a form.
  const isForm = type.includes("urlencoded") || (type === "" && /(?:^|&)(?:grant_type|assertion|password)=/.test(text));
  return isForm ? safeForm(text, pseudonymise) : null;
}

const keptFields: ReadonlySet<string> = new Set([
  ...["grant_type", "resource", "realm", "scope", "client_id", "requested_token_use", "client_assertion_type"],
  ...["assertion_type", "audience", "response_type", "windows_api_version", "api-version"],
]);
const accountFields: ReadonlySet<string> = new Set(["username", "user", "login", "email"]);
const passwordFields: ReadonlySet<string> = new Set(["password", "passwd", "pwd"]);

/** RFC 6749 Appendix B: names and values of a form, the secret ones replaced. */
function safeForm(text: string, pseudonymise: Pseudonymise): string {
  return [...readFormFields(text)]
    .map(([name, value]) => {
      if (value === "" && isRedactedWord(name)) return name;
      // Text that is not a form reads as a name without a value.
      const isName = value !== "" && /^[a-z_.-]{1,32}$/.test(name);
      const safeName = isName || keptFields.has(name) ? name : redactedValue(name, pseudonymise);
      return `${encodeURIComponent(safeName)}=${encodeURIComponent(safeField(name, value, pseudonymise))}`;
    })
    .join("&");
}

function safeField(name: string, value: string, pseudonymise: Pseudonymise): string {
  if (value === "") return "";
  if (looksLikeJwt(value)) return safeToken(value, pseudonymise);
  if (keptFields.has(name)) {
    return value.length > 512 ? redactedValue(value, pseudonymise) : scrubName(value, pseudonymise);
  }
  if (passwordFields.has(name)) return "<password>";
  if (accountFields.has(name)) return safeAccount(value, pseudonymise);
  return redactedValue(value, pseudonymise);
}
