// Facts of what people paste and save: other programs' texts and files, and messages that are only decoded.
import { type ProtocolRow, section } from "./protocol-row.ts";

const ntlm = "decoders/tokens/ntlm";
const harFile = "sources/json/har-file";
const errors = "sources/values/connection-error";
const errorKinds = "sources/values/connection-error";
const foreign = "sources/input/foreign-file";
const dress = "decoders/pasted/text/whole-dress";

const messageRows = section("Names in NTLM messages ([MS-NLMP])", [
  [
    "P",
    "2.2.1.3: the fields of the domain of a type 3 message begin at byte 28",
    ntlm,
    "type 3 inside SPNEGO",
    [ntlm, "domain: 28", "domain: 20"],
  ],
  [
    "P",
    "2.2.1.3: those of the user name begin at byte 36, and those of the workstation at byte 44",
    ntlm,
    "type 3 inside SPNEGO",
    [ntlm, "workstation: 44", "workstation: 36"],
  ],
  [
    "P",
    "2.2.2.1: MsvAvDnsComputerName (3) is the server's host name",
    ntlm,
    "type 2, with the pairs of its target",
    [ntlm, "info.get(pairIds.dnsComputer) || ", ""],
  ],
  [
    "P",
    "2.2.1.1: the names of a type 1 message are in the client's code page",
    ntlm,
    "type 1, in the client's code page",
    [ntlm, 'type !== "negotiate" && ', ""],
  ],
]);

const sizeRows = section("Sizes and times of other programs' files", [
  [
    "P",
    "HAR 1.2: -1 is a size that is not known",
    harFile,
    "a size of -1 or null is 0 only where such a message has no body",
    ["sources/values/foreign-json", "return stated ?? (isBodiless ? 0 : null);", "return stated ?? 0;"],
  ],
  [
    "P",
    "RFC 9110 §15.4.5: a 304 has no content",
    harFile,
    "a size of -1 or null is 0 only where such a message has no body",
    ["sources/values/foreign-json", " || status === 304", ""],
  ],
  [
    "P",
    "RFC 9110 §9.3.1: a GET has no content",
    harFile,
    "a size of -1 or null is 0 only where such a message has no body",
    ["sources/values/foreign-json", "/^(?:GET|HEAD|", "/^(?:HEAD|"],
  ],
  [
    "P",
    "RFC 9110 §6.6.1: Date is when the answer was made; it stands in for a session without a time",
    "sources/saz/saz-file",
    "sessions without metadata take the time of the answer's Date",
    ["sources/saz/read-saz-session", '"date"', '"expires"'],
  ],
]);

const errorRows = section("Errors that proxies record", [
  [
    "W",
    "mitmproxy: 'The remote server does not speak TLS.'",
    errors,
    "The remote server does not speak TLS.",
    [errorKinds, "/does not speak TLS|wrong version number/i", "/wrong version number/i"],
  ],
  [
    "W",
    "mitmproxy: 'Certificate verify failed: …', whose words after the colon vary",
    errors,
    "the reason behind a failed check of the certificate may be any",
    [errorKinds, "/certificate verify|self[- ]signed", "/self[- ]signed"],
  ],
  [
    "P",
    "Winsock: 10061 is a refused connection",
    errors,
    "the words of a refusal may be translated",
    [errorKinds, "|10061/i", "/i"],
  ],
  [
    "P",
    "getaddrinfo(3): -2 (EAI_NONAME), -3 (EAI_AGAIN) and Winsock 11001 are names without an address",
    errors,
    "the words of a name without an address may be translated",
    [errorKinds, "|errno -[2-5]\\b|1100[1-4]\\b", ""],
  ],
]);

const fileRows = section("Files and fields of other programs", [
  [
    "P",
    "EVTX begins with ElfFile and a NUL",
    foreign,
    "Application.evtx",
    ["sources/input/foreign-file", '"ElfFile\\0"', '"ElfChnk\\0"'],
  ],
  [
    "W",
    "HTTP Toolkit joins fields of one name with a comma and no blank (httptoolkit-ui, asHarHeaders)",
    "decoders/messages/bearer-challenge",
    'by "," they give what they give apart, in every order',
    ["decoders/messages/bearer-challenge", ' || cursor.text[cursor.at] === ",";', ";"],
  ],
  ["W", "A mail program quotes lines with >", dress, "quotes of a mail", [dress, "(?:>|&gt;", "(?:&gt;"]],
  [
    "P",
    "RFC 8259 §7: in a string of JSON the ends of lines are escapes (a log that holds the text as a member)",
    dress,
    "the strings of JSON, one document or one a line",
    ["decoders/pasted/text/json-strings", 'value.replace(/\\r\\n?/g, "\\n")', "value"],
  ],
]);

export const pasteRows: readonly ProtocolRow[] = [...messageRows, ...sizeRows, ...errorRows, ...fileRows];
