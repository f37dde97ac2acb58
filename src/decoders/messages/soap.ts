import { type Decoded, decoded, notDecoded } from "../../core/decoded.ts";
import type { Operation } from "../facts.ts";
import { attributeOf, scanXml, type XmlTag } from "../xml-tags.ts";
import { knownFolder } from "./distinguished-folders.ts";

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
  hasGreeting: boolean;
  readonly folders: Set<string>;
}

const maxFolders = 32;

/** What an EWS or Autodiscover request body asks for. Only tags are read, so a skeleton without text says the same. */
export function decodeSoapRequest(xml: string): Decoded<SoapRequest> {
  const progress: Progress = {
    root: "",
    section: "",
    operation: "",
    hasSecurityHeader: false,
    hasGreeting: false,
    folders: new Set(),
  };
  const problem = scanXml(xml, (tag) => {
    if (tag.kind !== "end") readTag(progress, tag);
  });
  // [MS-OXDSCLI] 2.2.3: the older Autodiscover request is plain XML without an envelope.
  const name = progress.operation || (progress.root === "Autodiscover" ? progress.root : "");
  if (name === "") return notDecoded(problem ?? "XML, but neither a SOAP body nor an Autodiscover request");
  const folders = [...progress.folders];
  const operation: Operation = { name, folders, sign: signOf(name, progress) };
  return decoded({ operation, hasSecurityHeader: progress.hasSecurityHeader });
}

function readTag(progress: Progress, tag: XmlTag): void {
  if (tag.depth === 0) progress.root = tag.name;
  if (tag.depth === 1) progress.section = progress.root === "Envelope" ? tag.name : "";
  if (tag.depth === 2 && progress.section === "Header" && tag.name === "Security") progress.hasSecurityHeader = true;
  if (progress.section !== "Body") return;
  if (tag.depth === 2 && progress.operation === "") progress.operation = tag.name;
  if (tag.name === "DistinguishedFolderId") addFolder(progress, attributeOf(tag.rest, "Id"));
  if (tag.name === "UserConfigurationName") noteGreeting(progress, attributeOf(tag.rest, "Name"));
}

function addFolder(progress: Progress, id: string | undefined): void {
  const folder = knownFolder(id ?? "");
  if (folder !== null && progress.folders.size < maxFolders) progress.folders.add(folder);
}

// Exchange keeps a mailbox's spoken greetings as configuration items whose names begin so (observed).
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

/** The success sign of the procedure's last step that a request with these parts is, if it is one. */
function signOf(operation: string, progress: Progress): Operation["sign"] {
  const { folders } = progress;
  if (folders.has("recoverableitemspurges") || folders.has("archiverecoverableitemspurges")) return "archived-messages";
  if (folders.has("conversationhistory")) return "conversation-history";
  if (progress.hasGreeting || greetingOperations.has(operation)) return "voicemail-greeting";
  return /^[GS]etUserOofSettings(?:Request)?$/.test(operation) ? "out-of-office" : null;
}
