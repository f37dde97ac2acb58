// SOAP and Autodiscover bodies: the operation that a request calls, and how an answer ended.
import { type Decoded, decodedValue, decodeProblem } from "../../core/decoded.ts";
import type { Operation, SoapAnswer } from "../facts.ts";
import { attributeOf, scanXml, type XmlTag } from "../xml-tags.ts";

export interface SoapRequest {
  readonly operation: Operation;
  /** A WS-Security header: federation, neither OAuth nor Basic. */
  readonly hasSecurityHeader: boolean;
}

interface Progress {
  root: string;
  section: string;
  operation: string;
  hasSecurityHeader: boolean;
  /** A name and password in the security header: a person's sign-in (WS-Trust), not federation. */
  hasUserName: boolean;
  hasGreeting: boolean;
  readonly folders: Set<string>;
}

const maxFolders = 32;

/** The operation of an EWS or Autodiscover request body. Reads tags only, so a skeleton without text gives the same. */
export function decodeSoapRequest(xml: string): Decoded<SoapRequest> {
  const progress: Progress = {
    root: "",
    section: "",
    operation: "",
    hasSecurityHeader: false,
    hasUserName: false,
    hasGreeting: false,
    folders: new Set(),
  };
  const problem = scanXml(xml, (tag) => {
    if (tag.kind !== "end") readTag(progress, tag);
  });
  // [MS-OXDSCLI] 2.2.3: the older Autodiscover request is plain XML without an envelope.
  const name = progress.operation || (progress.root === "Autodiscover" ? progress.root : "");
  if (name === "") return decodeProblem(problem ?? "XML, but neither a SOAP body nor an Autodiscover request");
  const folders = [...progress.folders];
  const operation: Operation = { name, folders, sign: signOf(name, progress) };
  return decodedValue({ operation, hasSecurityHeader: progress.hasSecurityHeader && !progress.hasUserName });
}

function readTag(progress: Progress, tag: XmlTag): void {
  if (tag.depth === 0) progress.root = tag.name;
  if (tag.depth === 1) progress.section = progress.root === "Envelope" ? tag.name : "";
  if (tag.depth === 2 && progress.section === "Header" && tag.name === "Security") progress.hasSecurityHeader = true;
  if (tag.depth === 3 && progress.section === "Header" && tag.name === "UsernameToken") progress.hasUserName = true;
  if (progress.section !== "Body") return;
  if (tag.depth === 2 && progress.operation === "") progress.operation = tag.name;
  if (tag.name === "DistinguishedFolderId") addFolder(progress, attributeOf(tag.rest, "Id"));
  if (tag.name === "UserConfigurationName") noteGreeting(progress, attributeOf(tag.rest, "Name"));
}

function addFolder(progress: Progress, id: string | undefined): void {
  const folder = knownFolder(id ?? "");
  if (folder !== null && progress.folders.size < maxFolders) progress.folders.add(folder);
}

// Exchange stores voicemail greetings as configuration items with this name prefix (observed).
function noteGreeting(progress: Progress, name: string | undefined): void {
  if (name !== undefined && /^um\.customgreetings\b/i.test(name)) progress.hasGreeting = true;
}

// [MS-OXWUMS] 3.1.4, and the prompt operations of EWS
const greetingOperations: ReadonlySet<string> = new Set([
  "GetUMProperties",
  "SetOofStatus",
  "PlayOnPhoneGreeting",
  "GetUMPrompt",
  "GetUMPromptNames",
  "CreateUMPrompt",
  "DeleteUMPrompts",
]);

/** Which success sign of the procedure's last step the request is; null when it is not one. */
function signOf(operation: string, progress: Progress): Operation["sign"] {
  const { folders } = progress;
  if (folders.has("recoverableitemspurges") || folders.has("archiverecoverableitemspurges")) return "archived-messages";
  if (folders.has("conversationhistory")) return "conversation-history";
  if (progress.hasGreeting || greetingOperations.has(operation)) return "voicemail-greeting";
  return /^[GS]etUserOofSettings(?:Request)?$/.test(operation) ? "out-of-office" : null;
}

// DistinguishedFolderIdNameType of the EWS schema ([MS-OXWSFOLD] 2.2.5.1 names the type).
const folders: ReadonlySet<string> = new Set(
  `adminauditlogs archivedeleteditems archiveinbox archivemsgfolderroot archiverecoverableitemsdeletions
archiverecoverableitemsdiscoveryholds archiverecoverableitemspurges archiverecoverableitemsroot
archiverecoverableitemsversions archiveroot calendar conflicts contacts conversationhistory deleteditems directory drafts
favorites imcontactlist inbox journal junkemail localfailures mecontact msgfolderroot mycontacts notes outbox peopleconnect
publicfoldersroot quickcontacts recipientcache recoverableitemsdeletions recoverableitemsdiscoveryholds
recoverableitemspurges recoverableitemsroot recoverableitemssubstrateholds recoverableitemsversions root searchfolders
sentitems serverfailures syncissues tasks teamchat todosearch voicemail`.split(/\s/),
);

/** A distinguished folder id of the schema in lower case; null for any other text, so no captured text passes. */
export function knownFolder(id: string): string | null {
  const name = id.length <= 64 ? id.toLowerCase() : "";
  return folders.has(name) ? name : null;
}

/** Characters of an answer that are searched: the codes are at its beginning. */
export const maxSoapAnswer = 16 * 1024;

// [MS-OXWSCDATA] 2.2.5.24 ResponseCode, [MS-OXWSADISC] ErrorCode. Every part is bounded: the text is hostile.
const codes =
  /<(?:[A-Za-z0-9]{1,16}:)?(?:ResponseCode|ErrorCode)(?:\s[^<>]{0,200})?>\s{0,20}(NoError|Error[A-Z][A-Za-z]{1,60}|InvalidUser|InvalidRequest|InternalServerError)\s{0,20}</g;
const fault = /<(?:[A-Za-z0-9]{1,16}:)?Fault[\s>]/;

/** How an answer ended: EWS and Autodiscover report errors with status 200, too. Null when the text does not tell. */
export function decodeSoapAnswer(text: string): SoapAnswer | null {
  if (!text.trimStart().startsWith("<")) return null;
  const found = [...aroundCodes(text.slice(0, maxSoapAnswer)).matchAll(codes)].map(([, code = ""]) => code);
  const code = found.find((one) => one !== "NoError") ?? "";
  if (text.includes("Fault") && fault.test(text)) return { isError: true, code };
  if (text.includes('ResponseClass="Success"')) return { isError: false, code };
  const hasError = text.includes('ResponseClass="Error"');
  return hasError || found.length > 0 ? { isError: hasError || code !== "", code } : null;
}

const longestBefore = 26;
const longestAfter = 400;

/** The part of the text that can hold a code: a search for a word is far cheaper than the pattern at every tag. */
function aroundCodes(text: string): string {
  const first = text.indexOf("Code");
  if (first === -1) return "";
  let last = first;
  for (let next = first; next !== -1; next = text.indexOf("Code", next + 4)) last = next;
  return text.slice(Math.max(0, first - longestBefore), last + longestAfter);
}
