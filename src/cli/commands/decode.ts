import { readConfiguration } from "../../app/configuration.ts";
import { exitCode } from "../../app/exit-codes.ts";
import { knownApplications, withHybridApp } from "../../app/hybrid-app.ts";
import { readPasted } from "../../app/pasted-input.ts";
import type { SignatureCheck } from "../../core/capture-event.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { S2sToken, TokenSighting } from "../../decoders/facts.ts";
import { decodePaste } from "../../decoders/pasted/decode-paste.ts";
import type { FindingReport } from "../../diagnosis/catalogue/finding.ts";
import { explain } from "../../diagnosis/catalogue/finding.ts";
import { isAtLeast, type Severity } from "../../diagnosis/catalogue/finding-text.ts";
import { directionsOfValue, judgeValue } from "../../diagnosis/judge-value.ts";
import { judgeEvent } from "../../diagnosis/rules/judge-event.ts";
import type { CommonOptions } from "../options/common-options.ts";
import { printDecoded } from "../views/decoded-view.ts";

export interface ValueOptions extends CommonOptions {
  readonly realm?: string | undefined;
  readonly hybridApp?: string | undefined;
  readonly metadata: readonly string[];
  readonly authCert: readonly string[];
  readonly clipboard?: boolean | undefined;
  /** Without it no finding changes the exit code. */
  readonly failOn?: Severity | undefined;
}

/**
 * Decodes and judges a value or a text from the command line, a file, standard input or the clipboard. Gives the exit code:
 * 1 for a finding at or above `failOn`, else 0. Throws ToolError `not-decoded` where nothing could be read.
 */
export async function runDecode(value: string | undefined, options: ValueOptions): Promise<number> {
  const configuration = withHybridApp(await readConfiguration(options.config), options.hybridApp);
  const text = await readPasted({ value, isClipboard: options.clipboard === true });
  const decoded = await decodePaste(text, { applications: configuration.applications });
  if (decoded.kind === "unknown") throw notDecoded(decoded.value.problem);
  const realm = options.realm ?? configuration.realm;
  const context = { at: Date.now(), ...knownApplications(configuration), ...(realm === null ? {} : { realm }) };
  const checks = await checkSignatures(decoded.subject.tokens, options);
  const findings = [...(await judgeValue(decoded.subject, context)), ...checks.flatMap(judgeCheck)];
  const { transactions } = decoded.subject;
  const verdict =
    transactions.length === 0
      ? null
      : (await import("../../diagnosis/judge-message.ts")).judgeMessages(transactions, context).verdict;
  const directions = await directionsOfValue(decoded.subject, context);
  printDecoded({ decoded, findings, directions, verdict, checks: hasKeys(options) ? checks : null }, options);
  const { failOn } = options;
  const hasFailed = failOn !== undefined && findings.some(({ severity }) => isAtLeast(severity, failOn));
  return hasFailed ? exitCode.problemFound : exitCode.trustShown;
}

function notDecoded(problem: unknown): ToolError {
  const why = typeof problem === "string" ? problem : "its kind is unknown";
  return new ToolError("not-decoded", `The value cannot be decoded: ${why}.`, {
    hint:
      problem === "a metadata document"
        ? "Name its file with --metadata, beside a token."
        : "Give one whole value exactly as captured: a token, a header line, an issuer or a token request; or the text around a call: requests with their answers, a log, the output of Test-OAuthConnectivity.",
  });
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
