import { isPlainName } from "./plain-words.ts";
import { type Pseudonymise, redactedWord } from "./redaction.ts";
import { safeUrl } from "./safe-url.ts";

/** Parameters of media types whose values are names (RFC 2045, 2046, 2387, 7230, OData, SOAP); all others are removed. */
const names: ReadonlySet<string> = new Set([
  ...["charset", "type", "q", "version", "format", "delsp", "msgtype", "protocol", "micalg", "odata", "odata.metadata"],
  ...["odata.streaming", "ieee754compatible", "level", "application", "schema", "api-version", "v"],
]);
/** Parameters with URLs: the action of SOAP 1.2, profiles. */
const urls: ReadonlySet<string> = new Set(["action", "profile", "start-info"]);
const mediaType = /^[a-z*]{1,16}\/[a-z0-9*.+_-]{1,80}$/i;
const parameter = /;\s{0,8}([^=;\s]{1,64})\s{0,8}(?:=\s{0,8}("(?:[^"\\]|\\.)*"|[^;]*))?/g;

/** A `Content-Type` with its type and known parameters. A boundary is replaced: multipart bodies are removed anyway. */
export function safeMediaType(value: string, pseudonymise: Pseudonymise): string {
  const end = value.indexOf(";");
  const type = (end === -1 ? value : value.slice(0, end)).trim();
  const isType = mediaType.test(type) && type.split(/[/+]/).every(isPlainName);
  const parameters = end === -1 ? [] : [...value.slice(end).matchAll(parameter)];
  return [
    isType || type === "" ? type : redactedWord(type, pseudonymise),
    ...parameters.map(([, name = "", text = ""]) => safeParameter(name, text.trim(), pseudonymise)),
  ].join("; ");
}

function safeParameter(name: string, text: string, pseudonymise: Pseudonymise): string {
  const quote = text.startsWith('"') ? '"' : "";
  const value = quote === "" ? text : text.slice(1, -1);
  const lower = name.toLowerCase();
  const safeName = isPlainName(name) ? name : redactedWord(name, pseudonymise);
  if (text === "") return safeName;
  if (urls.has(lower)) return `${safeName}=${quote}${safeUrl(value, pseudonymise)}${quote}`;
  const isKept = names.has(lower) && value.split("/").every(isPlainName);
  return `${safeName}=${quote}${isKept ? value : redactedWord(value, pseudonymise)}${quote}`;
}
