// What `decode` prints: the value member by member, the verdict of pasted exchanges, findings and what to do.
import type { SignatureCheck } from "../../core/capture-event.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import type { DecodedValue } from "../../decoders/pasted/decoded-value.ts";
import type { CaptureVerdict, Directions } from "../../diagnosis/analysis.ts";
import type { FindingReport } from "../../diagnosis/catalogue/finding.ts";
import { keyOwner } from "../../diagnosis/catalogue/token.ts";
import { renderDirectionLines, renderFindingLine } from "../../tui/words/plain-text.ts";
import type { CommonOptions } from "../options/common-options.ts";

export interface DecodedOutput {
  readonly decoded: DecodedValue;
  readonly findings: readonly FindingReport[];
  /** Null where the value is not a message of a service. */
  readonly directions: Directions | null;
  /** Null for a value that is not an exchange. */
  readonly verdict: CaptureVerdict | null;
  /** Null without keys. */
  readonly checks: readonly SignatureCheck[] | null;
}

/** Prints to standard output. */
export function printDecoded(output: DecodedOutput, { json, quiet }: CommonOptions): void {
  if (json === true) process.stdout.write(`${jsonOf(output)}\n`);
  else {
    const lines = quiet === true ? quietLines(output) : plainOutput(output);
    process.stdout.write(lines.map((line) => `${safe(line)}\n`).join(""));
  }
}

function jsonOf({ decoded, findings, directions, verdict, checks }: DecodedOutput): string {
  const { kind, value } = decoded;
  const signatures = checks?.map(({ token, outcome, keyId, keySource }) => ({ token, outcome, keyId, keySource }));
  return safeJson({
    ...{ schema: "realmscope.decoded/1", kind, value },
    ...(directions === null ? {} : { directions }),
    findings,
    ...(verdict === null ? {} : { verdict }),
    ...(signatures === undefined ? {} : { signatures }),
  });
}

function quietLines(output: DecodedOutput): readonly string[] {
  const lines = [...directionLines(output), ...checkLines(output), ...output.findings.map(renderFindingLine)];
  return lines.length === 0 ? [`${output.decoded.kind}: no finding`] : lines;
}

function plainOutput(output: DecodedOutput): readonly string[] {
  const { decoded, findings, verdict } = output;
  const { unread, ...value } = decoded.value;
  return [
    `kind: ${decoded.kind}`,
    ...plainLines(value, ""),
    ...directionLines(output),
    ...checkLines(output),
    ...(verdict === null || verdict === "none" ? [] : [`verdict: ${verdict}`]),
    ...findings.map(renderFindingLine),
    ...findings
      .filter(({ severity }) => severity !== "info")
      .map(({ code, remedy }) => `what to do about ${code}: ${remedy}`),
    ...unreadLines(unread),
    ...(findings.length === 0 && isSilent(decoded) ? [silence] : []),
  ];
}

const silence =
  "note: these header fields say nothing about signing in: no Authorization, WWW-Authenticate or x-ms-diagnostics is among them. Paste the request with its answer.";

/** An exchange in which nothing could be decoded. */
function isSilent({ kind, value }: DecodedValue): boolean {
  return (kind === "headers" || kind === "exchanges") && !JSON.stringify(value).includes('"header":');
}

/** One message cannot show the other direction. */
function directionLines({ directions }: DecodedOutput): readonly string[] {
  return directions === null ? [] : renderDirectionLines(directions, null);
}

function checkLines({ checks }: DecodedOutput): readonly string[] {
  return (checks ?? []).map((check) => `signature of ${check.token}: ${check.outcome}${keySuffix(check)}`);
}

function keySuffix({ keySource }: SignatureCheck): string {
  return keySource === null ? "" : ` (by ${keyOwner(keySource, "")})`;
}

/** One `path.to.member: value` a line; empty members are left out. */
function plainLines(value: unknown, path: string): string[] {
  if (value === null || value === "") return [];
  if (typeof value !== "object") return [`${path}: ${String(value)}`];
  return Object.entries(value).flatMap(([name, member]) => plainLines(member, path === "" ? name : `${path}.${name}`));
}

interface UnreadStretch {
  readonly line: number;
  readonly lines: number;
  readonly begins: string;
}

function unreadLines(unread: unknown): readonly string[] {
  if (!Array.isArray(unread)) return [];
  return (unread as readonly UnreadStretch[]).map(({ line, lines, begins }) => {
    const place = lines === 1 ? `line ${line}` : `lines ${line} to ${line + lines - 1}`;
    return `not read: ${place}${begins === "" ? "" : `, "${begins}…"`}`;
  });
}
