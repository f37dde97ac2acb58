/** From the least to the most severe. `alarm`: a credential or a tenant boundary is at stake. */
export const severities = ["info", "warning", "error", "alarm"] as const;

export type Severity = (typeof severities)[number];

/** For lists and counts. */
export const severitiesWorstFirst: readonly Severity[] = severities.toReversed();

export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(threshold);
}

/** The worst first; items of one severity keep their order. */
export function worstFirst<Item extends { readonly severity: Severity }>(items: readonly Item[]): readonly Item[] {
  return severitiesWorstFirst.flatMap((severity) => items.filter((item) => item.severity === severity));
}

/** The steps of Microsoft's procedure for this integration; `none` where no step of it mends the finding. */
export type ProcedureStep =
  | "oauth-exchange"
  | "application-account"
  | "partner-application"
  | "export-certificate"
  | "upload-certificate"
  | "verify-certificate"
  | "verify-success"
  | "none";

/** Everything the product says about one code. Texts are ours; `sentence` gets values that were made safe before. */
export interface FindingText<Details> {
  readonly severity: Severity;
  /** One sentence: what the code means. */
  readonly summary: string;
  readonly onTheWire: string;
  readonly remedy: string;
  readonly step: ProcedureStep;
  /**
   * True where the server judges the same thing: an error that it let pass is only a warning. False where the finding
   * stands whatever the server said.
   */
  readonly isServersToJudge?: true;
  /** True where the next success of the same kind of call mends nothing (another user's call, for example). */
  readonly outlivesRecovery?: true;
  readonly sentence: (details: Details) => string;
  /** Where the severity depends on the details; `severity` is then the general one, and stands where this gives undefined. */
  readonly severityFor?: (details: Details) => Severity | undefined;
  /** Where the remedy depends on the details; `remedy` is then the general one, and stands where this gives undefined. */
  readonly remedyFor?: (details: Details) => string | undefined;
  /** What `remedyFor` depends on, for the page of the catalogue: when, and details that give the remedy of it. */
  readonly examples?: readonly (readonly [when: string, details: Partial<Details>])[];
}

export type FindingTexts<DetailsByCode> = { readonly [Code in keyof DetailsByCode]: FindingText<DetailsByCode[Code]> };
