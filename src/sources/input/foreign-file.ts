// Files that people have and that are not captures of a known format: what each is, and the command that makes one of it.

import { logStart, logType, readLogTypes } from "./log-mark.ts";

export interface ForeignFile {
  /** "is …", to follow the file's name. */
  readonly what: string;
  readonly hint: string;
  readonly isText: boolean;
}

const etlHint =
  "Convert it: etl2pcapng FILE.etl FILE.pcapng (github.com/microsoft/etl2pcapng) for a trace of netsh or pktmon (pktmon etl2pcap FILE.etl), then realmscope replay FILE.pcapng. HTTPS in it stays closed without keys: capture with realmscope watch or a HAR.";
const evtxHint =
  "Export its events on Windows: wevtutil qe FILE.evtx /lf:true /f:xml /q:\"*[System[Provider[@Name='MSExchange OAuth' or @Name='MSExchange Availability']]]\" > events.xml, then realmscope replay events.xml (or realmscope decode events.xml for a few of them).";
const charlesHint =
  "Export it in Charles: File > Export Session… > HTTP Archive (.har), then realmscope replay FILE.har.";

const proxymanHint = "Export it from Proxyman as HAR (File > Export), then realmscope replay FILE.har.";

const keyHint = "Keep it and send it to nobody: realmscope export and ticket use it for the next copy of this case.";

/** The kind of a file that is not a capture, by its first bytes and its name; null when nothing is known of it. */
export function describeFile(bytes: Uint8Array, name: string): ForeignFile | null {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096));
  const ending = /\.([a-z0-9]{1,20})$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  if (start.subarray(0, 8).equals(Buffer.from("ElfFile\0", "latin1")))
    return { what: "is a Windows event log (EVTX)", hint: evtxHint, isText: false };
  if (isEventTrace(start) || (ending === "etl" && !isText(start)))
    return { what: "is an event trace (ETL)", hint: etlHint, isText: false };
  if (ending === "chls" || ending === "chlsj" || ending === "chlz")
    return { what: "is a session of Charles", hint: charlesHint, isText: false };
  if (/^proxyman(?:log|session)/.test(ending))
    return { what: "is a session of Proxyman", hint: proxymanHint, isText: false };
  if (start.toString("latin1", 0, 15) === "realmscope-key-")
    return { what: "is the key of pseudonyms of a safe copy", hint: keyHint, isText: false };
  const type = logType(logStart(start));
  if (type !== null) {
    return {
      what: `is a log of Exchange of the type ${JSON.stringify(type)}`,
      hint: `realmscope reads ${readLogTypes}: name the folders HttpProxy, Ews, Autodiscover and OAuthOutbound below Logging of Exchange.`,
      isText: true,
    };
  }
  return start.length > 0 && isText(start) ? describeText(textOf(start), name) : null;
}

function describeText(start: string, name: string): ForeignFile {
  const file = /^[\w./\\:-]{1,200}$/.test(name) ? name : "FILE";
  if (connectivityTest.test(start))
    return {
      what: "is not a capture but the output of Test-OAuthConnectivity",
      hint: `It is read by realmscope decode ${file}.`,
      isText: true,
    };
  if (/^\s{0,400}(?:<\?xml\b[^>]{0,200}>\s{0,400}|<!--[^>]{0,2000}-->\s{0,400}){0,8}<xsl:stylesheet\b/.test(start))
    return {
      what: "is a style sheet, as IIS puts one beside its traces of failed requests",
      hint: "It holds no request.",
      isText: true,
    };
  if (/^\s{0,400}(?:<!DOCTYPE html|<html)\b/i.test(start))
    return {
      what: "is not a capture but a web page",
      hint: `Results of the Remote Connectivity Analyzer and of free/busy checks are read by realmscope decode ${file}.`,
      isText: true,
    };
  return {
    what: "is not a capture but a text",
    hint: `Text around a call is read by realmscope decode ${file} (a trace, a log, header lines, the output of a test).`,
    isText: true,
  };
}

/** Names that the output has in every language. */
const connectivityTest =
  /\bTest-OAuthConnectivity\b|\bTestOAuthConnectivityHelper\b|\bOAuth\.ValidationResultNodeId\b|^[ \t]{0,40}ResultType[ \t]{0,20}:/m;

function textOf(start: Buffer): string {
  const isWide = start[0] === 0xff && start[1] === 0xfe;
  return start.toString(isWide ? "utf16le" : "utf8").replace(/^\ufeff/, "");
}

/** The header of the first buffer (WNODE and buffer type of evntrace.h): its size at 0 and again at 4 or 8, in whole KiB. */
function isEventTrace(start: Buffer): boolean {
  if (start.length < 104) return false;
  const size = start.readUInt32LE(0);
  const saved = start.readUInt32LE(4);
  const current = start.readUInt32LE(8);
  return (
    size >= 1024 && size <= 16 * 1024 * 1024 && size % 1024 === 0 && saved <= size && current <= size && saved >= 72
  );
}

/** Bytes of a text: no control characters but blanks, or UTF-16. */
function isText(start: Buffer): boolean {
  if ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff)) return true;
  return !start.some((byte) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12 && byte !== 27);
}
