// Commands that send a request, as browsers and API tools copy them: cURL for bash and cmd, Invoke-WebRequest, fetch.
import type { Claim, Part } from "../text/claim.ts";
import { shellWords } from "../text/shell-words.ts";
import { readDumps } from "./dumps.ts";

/** Every such command in the text, as a request. */
export function readCommands(text: string): readonly Claim[] {
  return [...readCurls(text), ...readScripts(text)];
}

const curlAt = /(?:^|[\s>$#(])(curl(?:\.exe)?)[ \t]/gm;
const mostCommands = 200;

function readCurls(text: string): readonly Claim[] {
  const claims: Claim[] = [];
  curlAt.lastIndex = 0;
  for (let match = curlAt.exec(text); match !== null && claims.length < mostCommands; match = curlAt.exec(text)) {
    const from = match.index + match[0].indexOf("curl");
    const { words, end } = shellWords(text, from + (match[1] ?? "").length);
    const parts = curlParts(words);
    if (parts !== null) {
      claims.push({ from, to: end, parts });
      curlAt.lastIndex = end;
    }
  }
  return claims;
}

const fieldOptions: Readonly<Record<string, string>> = {
  "-A": "User-Agent",
  "--user-agent": "User-Agent",
  "-e": "Referer",
  "--referer": "Referer",
  "-b": "Cookie",
  "--cookie": "Cookie",
};
const bodyOption = /^(?:-d|--data(?:-raw|-binary|-ascii|-urlencode)?|--json)$/;
const otherWithValue =
  /^(?:-[omxwTUcEKmtrRYyzCDFPQ]|--(?:output|max-time|proxy|proxy-user|write-out|upload-file|cert|key|cacert|capath|connect-timeout|retry|resolve|connect-to|form|interface|ciphers|tls-max|config|range|cookie-jar|noproxy))$/;

interface Curl {
  method: string;
  target: string;
  readonly fields: Part[];
  readonly bodies: string[];
}

/** The request of a cURL command; null without an address. */
function curlParts(words: readonly string[]): readonly Part[] | null {
  const curl: Curl = { method: "", target: "", fields: [], bodies: [] };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const [option, value] = splitOption(word, words[at + 1] ?? "");
    if (takeOption(curl, option, value)) at += option === word ? 1 : 0;
    else if (!option.startsWith("-")) curl.target ||= option;
  }
  const { target, fields } = curl;
  if (!/^(?:https?:\/\/)?[A-Za-z0-9[][^\s]*[.:/][^\s]*$/.test(target)) return null;
  const sent = curl.bodies.join("&");
  const method = curl.method === "" ? (sent === "" ? "GET" : "POST") : curl.method.toUpperCase();
  const body: Part[] = sent === "" ? [] : [{ kind: "body", text: sent, side: "request" }];
  return [{ kind: "request", method, target: withScheme(target), isWhole: true }, ...fields, ...body];
}

/** Takes an option that has a value; false for any other word. */
function takeOption(curl: Curl, option: string, value: string): boolean {
  const field = fieldOf(option, value);
  if (field !== null) curl.fields.push(...field);
  else if (option === "-X" || option === "--request") curl.method = value;
  else if (option === "--url") curl.target = value;
  else if (bodyOption.test(option)) curl.bodies.push(value);
  else return otherWithValue.test(option);
  return true;
}

function fieldOf(option: string, value: string): readonly Part[] | null {
  if (option === "-H" || option === "--header") return headerPart(value);
  if (option === "--oauth2-bearer") return [{ kind: "field", name: "Authorization", value: `Bearer ${value}` }];
  if (option === "-u" || option === "--user") return [{ kind: "field", name: "Authorization", value: basicOf(value) }];
  const name = Object.hasOwn(fieldOptions, option) ? fieldOptions[option] : undefined;
  return name === undefined ? null : [{ kind: "field", name, value }];
}

/** `-XPOST`, `-H'…'` and `--header=…` carry their value. */
function splitOption(word: string, next: string): readonly [string, string] {
  const glued = /^(-[HXduAeb])([^-\s].*)$/s.exec(word) ?? /^(--[a-z0-9-]+)=(.*)$/s.exec(word);
  return glued === null ? [word, next] : [glued[1] ?? "", glued[2] ?? ""];
}

function withScheme(target: string): string {
  return /^https?:\/\//i.test(target) ? target : `https://${target}`;
}

function headerPart(text: string): readonly Part[] {
  const colon = text.indexOf(":", 1);
  return colon === -1
    ? []
    : [{ kind: "field", name: text.slice(0, colon).trim(), value: text.slice(colon + 1).trim() }];
}

function basicOf(account: string): string {
  const binary = Array.from(new TextEncoder().encode(account), (byte) => String.fromCharCode(byte)).join("");
  return `Basic ${btoa(binary)}`;
}

const scriptAt =
  /\b(?:Invoke-WebRequest|Invoke-RestMethod|fetch\(|axios(?:\.[a-z]{3,8})?\(|requests\.[a-z]{3,8}\(|\$session\.Headers)/gi;
const longestScript = 128 * 1024;
const addressIn =
  /(?:-Uri\s{1,8}|fetch\(\s{0,40}|axios(?:\.[a-z]{3,8})?\(\s{0,40}|requests\.[a-z]{3,8}\(\s{0,40}|\burl["']?\s{0,4}:\s{0,4})["'`]?(https?:\/\/[^\s"'`,)]{1,8192})/i;
const methodIn = /(?:-Method\s{1,8}["']?|\bmethod["']?\s{0,4}[:=]\s{0,4}["'`])([A-Za-z]{3,8})\b/i;
const bodyIn =
  /(?:-Body\s{1,8}|\b(?:body|data)["']?\s{0,4}[:=]\s{0,4}b?)(["'`])((?:(?!\1)[^\\`]|[\\`][\s\S]){0,65536})\1/i;

/** Commands of PowerShell, JavaScript and Python: their fields are a dictionary. */
function readScripts(text: string): readonly Claim[] {
  const starts = [...text.matchAll(scriptAt)].slice(0, mostCommands).map(({ index }) => index);
  return starts.flatMap((from, index) => {
    const until = Math.min(starts[index + 1] ?? text.length, from + longestScript);
    const script = text.slice(from, until);
    const address = addressIn.exec(script);
    if (address === null) return [];
    const dumped = readDumps(script);
    const fields = dumped.flatMap(({ parts }) => parts.filter(({ kind }) => kind === "field"));
    const body = bodyIn.exec(script);
    const method = methodIn.exec(script)?.[1] ?? /\.(get|post|put|patch|delete)\(/i.exec(script.slice(0, 40))?.[1];
    const request: Part = {
      kind: "request",
      method: (method ?? (body === null ? "GET" : "POST")).toUpperCase(),
      target: address[1] ?? "",
      isWhole: true,
    };
    const sent: Part[] = body === null ? [] : [{ kind: "body", text: body[2] ?? "", side: "request" }];
    const end = Math.max(
      address.index + address[0].length,
      ...dumped.map(({ to }) => to),
      body === null ? 0 : body.index + body[0].length,
    );
    return [{ from, to: from + end + closingLength(script, end), parts: [request, ...fields, ...sent] }];
  });
}

/** The brackets that end the command belong to it. */
function closingLength(script: string, end: number): number {
  return /^[\s"'`,;})]{0,200}/.exec(script.slice(end, end + 200))?.[0].trimEnd().length ?? 0;
}
