// The output of Test-OAuthConnectivity and Test-CsExStorageConnectivity, read by its structure and its codes: texts of exceptions
// are translated, names of members, methods and log entries are not.
import { withoutUserInfo } from "../../core/user-info.ts";

/** What the output of a test of Microsoft says, by its structure and codes. */
export interface ConnectivityTest {
  /** The cmdlet, or the source of the event. */
  readonly cmdlet: "Test-OAuthConnectivity" | "Test-CsExStorageConnectivity" | "MSExchange OAuth";
  readonly result: "passed" | "failed" | "unknown";
  /** Host that the test called, in lower case; empty when it is not named. Captured text. */
  readonly server: string;
  /** Status of the exception; 0 without one. */
  readonly status: number;
  /** Host and port of the named InternetWebProxy; empty when none is. Captured text. */
  readonly webProxy: string;
  /** The call failed before a request could be sent: something on the way out answered. */
  readonly isBeforeServer: boolean;
  /** The server has no certificate to sign its token with. */
  readonly isCertificateMissing: boolean;
  /** The id of the log in `L:…-AS:` of FullId, for support; empty when it is not named. */
  readonly logId: string;
}

const cmdlets = /\bTest-(?:OAuthConnectivity|CsExStorageConnectivity)\b/i;
const structure =
  /\bTestOAuthConnectivityHelper\b|\bOAuth\.ValidationResultNodeId\b|^[ \t]{0,40}ResultType[ \t]{0,20}:/m;
const event = /\bMSExchange OAuth\b/i;
const storage = /\bTest-CsExStorageConnectivity\b|\bStorage Service had an? EWS\b|\bExStorage\b/i;

/** Whether a text is such an output, or the event of a missing certificate. A line of the log alone is not: it has no result. */
export function isConnectivityTest(text: string): boolean {
  const hasOutcome = /\([1-5][0-9]{2}\)|\bWebException\b|\bAADSTS[0-9]|\bPassed\b|\bFailed\b/i;
  return (
    structure.test(text) ||
    (cmdlets.test(text) && hasOutcome.test(text)) ||
    (event.test(text) && isCertificateMissing(text))
  );
}

/**
 * The output without the line ends that `| Format-List` puts into long values: lines as wide as the console go on in the next
 * one, which is indented.
 */
export function unwrappedOutput(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  const goesOn = (at: number): boolean => /^[ \t]{8,}\S/.test(lines[at + 1] ?? "");
  const widest = lines.reduce((most, { length }, at) => (goesOn(at) ? Math.max(most, length) : most), 0);
  const full = lines.filter(({ length }, at) => length === widest && goesOn(at)).length;
  if (widest < 60 || full < 2) return text;
  const out: string[] = [];
  let isOpen = false;
  for (const [at, line] of lines.entries()) {
    if (isOpen) out.push(line.trimStart());
    else out.push(at === 0 ? line : `\n${line}`);
    isOpen = line.length === widest && goesOn(at);
  }
  return out.join("");
}

function sourceOf(text: string): ConnectivityTest["cmdlet"] {
  if (structure.test(text)) return "Test-OAuthConnectivity";
  if (storage.test(text)) return "Test-CsExStorageConnectivity";
  return event.test(text) ? "MSExchange OAuth" : "Test-OAuthConnectivity";
}

/** The facts of such an output. Never throws. */
export function readConnectivityTest(text: string): ConnectivityTest {
  // `| Format-List` breaks long lines and indents what follows.
  const flat = text.replace(/[ \t]*\n[ \t]*/g, " ");
  const result = /\bResultType[ ]{0,20}:[ ]{0,4}([A-Za-z]{2,20})/.exec(flat)?.[1]?.toLowerCase() ?? "";
  const status = Number(
    /\bException\b.{0,400}?\(([1-5][0-9]{2})\)/.exec(flat)?.[1] ?? /\(([45][0-9]{2})\)/.exec(flat)?.[1] ?? 0,
  );
  const hasException = /\b[A-Z][A-Za-z.]{2,80}Exception: /.test(flat);
  return {
    cmdlet: sourceOf(text),
    result: resultOf(result, flat, hasException || status >= 400),
    server: serverIn(flat),
    status,
    webProxy: proxyIn(flat),
    isBeforeServer: /\bGetRequestStream\b/.test(flat) && !/challenge from '|\breceived: Bearer/i.test(flat),
    isCertificateMissing: isCertificateMissing(flat),
    logId: /\bL:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-AS:/i.exec(flat)?.[1]?.toLowerCase() ?? "",
  };
}

/** The event of MSExchange OAuth and the exception of the test have the same cause. */
function isCertificateMissing(text: string): boolean {
  return /\bmissing signing certificate\b|\bcertificate with thumbprint\b.{0,120}\b(?:missing private key|current computer)\b/i.test(
    text,
  );
}

function resultOf(named: string, flat: string, isFailure: boolean): ConnectivityTest["result"] {
  if (named === "success" || named === "error" || named === "warning") return named === "success" ? "passed" : "failed";
  if (/\bTest Passed\b/i.test(flat) && !isFailure) return "passed";
  return isFailure || isCertificateMissing(flat) || /\bTest Failed\b/i.test(flat) ? "failed" : "unknown";
}

/** The host of the challenge, else of the option of the command, else of any address of EWS. */
function serverIn(flat: string): string {
  const address =
    /challenge from '(https?:\/\/[^'\s]{1,400})/i.exec(flat)?.[1] ??
    /-TargetUri[ :]{1,4}["']?(https?:\/\/[^"'\s|]{1,400})/i.exec(flat)?.[1] ??
    /https?:\/\/[^\s"'<>]{1,200}\/(?:ews|autodiscover)\//i.exec(flat)?.[0] ??
    "";
  return /^https?:\/\/([^/:\s]{1,253})/i.exec(withoutUserInfo(address))?.[1]?.toLowerCase() ?? "";
}

/** The InternetWebProxy that the log names, without its account. */
function proxyIn(flat: string): string {
  const address = /\bInternetWebProxy\b[^\n]{0,20}?https?:\/\/([^\s"'/]{1,253})/i.exec(flat)?.[1] ?? "";
  return address
    .slice(address.lastIndexOf("@") + 1)
    .replace(/[.,;]$/, "")
    .toLowerCase();
}
