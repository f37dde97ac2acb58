import { readConfiguration } from "../../app/configuration.ts";
import { exitCode } from "../../app/exit-codes.ts";
import { knownApplications, withHybridApp } from "../../app/hybrid-app.ts";
import type { SignatureCheck } from "../../core/capture-event.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { bodyText } from "../../decoders/body-text.ts";
import type { S2sToken, TokenSighting } from "../../decoders/facts.ts";
import { decodePaste } from "../../decoders/pasted/decode-paste.ts";
import type { DecodedValue } from "../../decoders/pasted/decoded-value.ts";
import type { Directions } from "../../diagnosis/analysis.ts";
import type { FindingReport } from "../../diagnosis/catalogue/finding.ts";
import { explain } from "../../diagnosis/catalogue/finding.ts";
import { keyOwner } from "../../diagnosis/catalogue/key-owner.ts";
import { directionsOfValue, judgeValue } from "../../diagnosis/judge-value.ts";
import { judgeEvent } from "../../diagnosis/rules/judge-event.ts";
import { renderDirectionLines, renderFindingLine } from "../../tui/words/plain-text.ts";
import type { CommonOptions } from "../options/common-options.ts";

export interface ValueOptions extends CommonOptions {
  readonly realm?: string | undefined;
  readonly hybridApp?: string | undefined;
  readonly metadata: readonly string[];
  readonly authCert: readonly string[];
}

const maxInput = 1024 * 1024;

/** Decodes and judges one value from the command line or standard input. Gives the exit code; throws ToolError `not-decoded` for an unknown value. */
export async function runDecode(value: string | undefined, options: ValueOptions): Promise<number> {
  const configuration = withHybridApp(await readConfiguration(options.config), options.hybridApp);
  const text = value ?? (await readInput());
  const decoded = await decodePaste(text, { applications: configuration.applications });
  const { problem } = decoded.value;
  if (decoded.kind === "unknown") {
    const why = typeof problem === "string" ? problem : "its kind is unknown";
    throw new ToolError("not-decoded", `The value cannot be decoded: ${why}.`, {
      hint:
        problem === "a metadata document"
          ? "Name its file with --metadata, beside a token."
          : "Give one whole value exactly as captured: a token, a header line, a block of header lines, an issuer or a token request.",
    });
  }
  const realm = options.realm ?? configuration.realm;
  const context = { at: Date.now(), ...knownApplications(configuration), ...(realm === null ? {} : { realm }) };
  const checks = await checkSignatures(decoded.subject.tokens, options);
  const findings = [...(await judgeValue(decoded.subject, context)), ...checks.flatMap(judgeCheck)];
  const directions = await directionsOfValue(decoded.subject, context);
  printDecoded({ decoded, findings, directions, checks: hasKeys(options) ? checks : null }, options);
  return exitCode.trustShown;
}

function hasKeys({ metadata, authCert }: ValueOptions): boolean {
  return metadata.length + authCert.length > 0;
}

/** Checks the signatures of the tokens with the given keys; without keys there are no checks. */
async function checkSignatures(tokens: readonly S2sToken[], options: ValueOptions): Promise<readonly SignatureCheck[]> {
  if (!hasKeys(options)) return [];
  const { readVerificationOptions } = await import("../../app/verification-options.ts");
  const { startVerification } = await import("../../verification/verify-signatures.ts");
  const verifier = startVerification(readVerificationOptions(options));
  const sightings = tokens.map(
    (token): TokenSighting => ({ path: "other", side: "request", token: { ok: true, value: token } }),
  );
  const checks = await verifier.accept("", { tokens: sightings, metadata: null }, null);
  return checks.map((check) => ({ ...check, token: check.token.replace(/^other/, "value") }));
}

function judgeCheck(check: SignatureCheck): readonly FindingReport[] {
  return judgeEvent({ kind: "signature", check }).map((finding) => ({ ...explain(finding), evidence: [], count: 1 }));
}

function keySuffix({ keySource }: SignatureCheck): string {
  return keySource === null ? "" : ` (by ${keyOwner(keySource, "")})`;
}

interface DecodedOutput {
  readonly decoded: DecodedValue;
  readonly findings: readonly FindingReport[];
  /** Null where the value is not a message of a service. */
  readonly directions: Directions | null;
  /** Null without keys. */
  readonly checks: readonly SignatureCheck[] | null;
}

function printDecoded({ decoded, findings, directions, checks }: DecodedOutput, options: ValueOptions): void {
  const { kind, value } = decoded;
  const signatures = checks?.map(({ token, outcome, keyId, keySource }) => ({ token, outcome, keyId, keySource }));
  if (options.json === true) {
    const message = directions === null ? {} : { directions };
    const shown = { schema: "realmscope.decoded/1", kind, value, ...message, findings };
    process.stdout.write(`${safeJson(signatures === undefined ? shown : { ...shown, signatures })}\n`);
    return;
  }
  const checked = (checks ?? []).map((check) => `signature of ${check.token}: ${check.outcome}${keySuffix(check)}`);
  // One message cannot show the other direction.
  const seen = directions === null ? [] : renderDirectionLines(directions, null);
  if (options.quiet === true) {
    const lines = [...seen, ...checked, ...findings.map(renderFindingLine)];
    process.stdout.write(
      (lines.length === 0 ? [`${kind}: no finding`] : lines).map((line) => `${safe(line)}\n`).join(""),
    );
    return;
  }
  const lines = [`kind: ${kind}`, ...plainLines(value, ""), ...seen, ...checked, ...findings.map(renderFindingLine)];
  const remedies = findings
    .filter(({ severity }) => severity !== "info")
    .map(({ code, remedy }) => `what to do about ${code}: ${remedy}`);
  process.stdout.write([...lines, ...remedies].map((line) => `${safe(line)}\n`).join(""));
}

/** One `path.to.member: value` a line; empty members are left out. */
function plainLines(value: unknown, path: string): string[] {
  if (value === null || value === "") return [];
  if (typeof value !== "object") return [`${path}: ${String(value)}`];
  return Object.entries(value).flatMap(([name, member]) => plainLines(member, path === "" ? name : `${path}.${name}`));
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxInput) {
      throw new ToolError("too-long", "Standard input is longer than 1 MiB.", {
        hint: "Give one value; realmscope replay reads captures.",
      });
    }
    chunks.push(chunk);
  }
  // Windows PowerShell writes UTF-16 by default.
  const bytes = Buffer.concat(chunks);
  return bodyText({ bytes, totalBytes: length, truncated: false, contentCoding: null }, maxInput);
}
