import { isOpaque } from "../core/opaque-text.ts";
import { knownFolder } from "../decoders/messages/soap.ts";
import { attributeOf, scanXml, type XmlTag } from "../decoders/xml-tags.ts";
import { looksRandom } from "./plain-words.ts";
import { onlyPublicWords } from "./public-words.ts";

// The result of a call: EWS response codes ([MS-OXWSCDATA] 2.2.5.24) and SOAP fault codes, by their spelling.
const codeElement =
  /<(?:[A-Za-z0-9]{1,16}:)?(?:ResponseCode|faultcode|ErrorCode|Value)(?:\s[^<>]{0,200})?>\s{0,20}((?:[A-Za-z0-9]{1,16}:)?(?:NoError|Error[A-Z][A-Za-z]{1,60}|Client|Server|Sender|Receiver|InvalidSecurity|InvalidSecurityToken|FailedAuthentication|InvalidUser|InvalidRequest|InternalServerError))\s{0,20}</g;
// Sentences of servers for people: only listed words are kept.
const messageElement =
  /<(?:[A-Za-z0-9]{1,16}:)?(?:MessageText|faultstring|Message|ErrorMessage|Text)(?:\s[^<>]{0,200})?>([^<]{0,400})</g;
const messageElements: ReadonlySet<string> = new Set(["MessageText", "faultstring", "Message", "ErrorMessage", "Text"]);
const codedElements: ReadonlySet<string> = new Set(["ResponseCode", "faultcode", "ErrorCode", "Value"]);
const responseClass = /^(?:Success|Warning|Error)$/;

/**
 * Element names in order, with result codes and the listed words of server messages, without namespaces and any other text or
 * attribute: operation and result stay, user content does not. Ends at malformed markup; null when nothing precedes it.
 */
export function xmlSkeleton(text: string): string | null {
  const codes = [...text.matchAll(codeElement)].map(([, code = ""]) => code);
  const messages = [...text.matchAll(messageElement)].map(([, message = ""]) => message);
  const parts: string[] = [];
  scanXml(text, (tag) => {
    if (tag.kind === "end") {
      parts.push(`</${safeName(tag.name)}>`);
      return;
    }
    parts.push(`<${safeName(tag.name)}${keptAttribute(tag)}${tag.kind === "empty" ? "/" : ""}>`);
    if (tag.kind === "start" && codedElements.has(tag.name)) parts.push(codes.shift() ?? "");
    if (tag.kind === "start" && messageElements.has(tag.name)) parts.push(publicText(messages.shift() ?? ""));
  });
  return parts.length === 0 ? null : parts.join("");
}

/** The name of an element; replaced when it cannot come from a schema. */
function safeName(name: string): string {
  return looksRandom(name) || isOpaque(name) ? "Redacted" : name;
}

function publicText(text: string): string {
  return onlyPublicWords(text.replace(/&[a-z#0-9]{1,8};/gi, " ").trim()).replace(/[<>&]/g, "");
}

function keptAttribute({ name, rest }: XmlTag): string {
  if (name === "DistinguishedFolderId") {
    const folder = knownFolder(attributeOf(rest, "Id") ?? "");
    return folder === null ? "" : ` Id="${folder}"`;
  }
  if (name === "UserConfigurationName") {
    return /^um\.customgreetings\b/i.test(attributeOf(rest, "Name") ?? "") ? ' Name="UM.CustomGreetings"' : "";
  }
  const ended = attributeOf(rest, "ResponseClass") ?? "";
  return responseClass.test(ended) ? ` ResponseClass="${ended}"` : "";
}
