// A finding is a code and its typed details. A new code does not compile until the catalogue has its texts.

import { printable } from "../../core/printable-text.ts";
import { type AnswerDetails, answerTexts } from "./answer.ts";
import { type BoundaryDetails, boundaryTexts } from "./boundary.ts";
import { type CaptureDetails, captureTexts } from "./capture.ts";
import { type ChallengeDetails, challengeTexts } from "./challenge.ts";
import { type DiscoveryDetails, discoveryTexts } from "./discovery.ts";
import type { FindingTexts, Severity } from "./finding-text.ts";
import { type GraphAnswerDetails, graphAnswerTexts } from "./graph-answer.ts";
import { type HybridAppDetails, hybridAppTexts } from "./hybrid-app.ts";
import { type LogEvidenceDetails, logEvidenceTexts } from "./log-evidence.ts";
import { onlineRemedy } from "./online-remedies.ts";
import { type OtherRefusalDetails, otherRefusalTexts } from "./other-refusal.ts";
import { type RefusalDetails, refusalTexts } from "./refusal.ts";
import { type ServiceDetails, serviceTexts } from "./service.ts";
import { type SignInDetails, signInTexts } from "./sign-in.ts";
import { type TlsDetails, tlsTexts } from "./tls.ts";
import { type TokenDetails, tokenTexts } from "./token.ts";

interface FindingDetails
  extends SignInDetails,
    ChallengeDetails,
    TokenDetails,
    BoundaryDetails,
    HybridAppDetails,
    RefusalDetails,
    OtherRefusalDetails,
    ServiceDetails,
    AnswerDetails,
    GraphAnswerDetails,
    DiscoveryDetails,
    TlsDetails,
    CaptureDetails,
    LogEvidenceDetails {}

export type { Severity };

/** Stable: scripts, expectations and reports refer to findings by it. */
export type FindingCode = keyof FindingDetails;

export type FindingOf<Code extends FindingCode> = { readonly code: Code } & Readonly<FindingDetails[Code]>;
export type Finding = { [Code in FindingCode]: FindingOf<Code> }[FindingCode];

/** Every text of every code, in the order of the catalogue. */
export const findingTexts: FindingTexts<FindingDetails> = {
  ...signInTexts,
  ...challengeTexts,
  ...tokenTexts,
  ...boundaryTexts,
  ...hybridAppTexts,
  ...refusalTexts,
  ...otherRefusalTexts,
  ...serviceTexts,
  ...answerTexts,
  ...graphAnswerTexts,
  ...discoveryTexts,
  ...tlsTexts,
  ...captureTexts,
  ...logEvidenceTexts,
};

/** Words a finding: one sentence and a remedy. Every captured text in it is made printable here. */
export function explain<Code extends FindingCode>(
  finding: FindingOf<Code>,
): Pick<FindingReport, "code" | "severity" | "message" | "remedy"> {
  const text = findingTexts[finding.code];
  const details: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(finding))
    details[name] = typeof value === "string" ? printable(value) : value;
  const safe = details as FindingDetails[Code];
  return {
    code: finding.code,
    severity: text.severityFor?.(safe) ?? text.severity,
    message: text.sentence(safe),
    remedy: onlineRemedy(finding.code, details.host) ?? text.remedyFor?.(safe) ?? text.remedy,
  };
}

export interface FindingReport {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** One sentence; captured values in it are printable. */
  readonly message: string;
  readonly remedy: string;
  readonly evidence: readonly string[];
  /** How many times it was seen (equal findings are joined). */
  readonly count: number;
}
