/** From the least to the most severe. `alarm`: a credential or a tenant boundary is at stake. */
export const severities = ["info", "warning", "error", "alarm"] as const;

export type Severity = (typeof severities)[number];

export const severitiesWorstFirst: readonly Severity[] = severities.toReversed();

export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(threshold);
}

/** Sorts by severity, the worst first; items of one severity keep their order. */
export function worstFirst<Item extends { readonly severity: Severity }>(items: readonly Item[]): readonly Item[] {
  return severitiesWorstFirst.flatMap((severity) => items.filter((item) => item.severity === severity));
}

/** The steps of Microsoft's procedure for this integration; `none` when no step fixes the finding. */
export type ProcedureStep =
  | "oauth-exchange"
  | "application-account"
  | "partner-application"
  | "export-certificate"
  | "upload-certificate"
  | "verify-certificate"
  | "verify-success"
  | "none";

/** All texts of one code. The values that `sentence` gets are printable. */
export interface FindingText<Details> {
  readonly severity: Severity;
  /** One sentence: what the code means. */
  readonly summary: string;
  readonly onTheWire: string;
  readonly remedy: string;
  readonly step: ProcedureStep;
  /** True when the server checks the same thing: the finding is only a warning if the server accepted the token. */
  readonly isServersToJudge?: true;
  /** True when a later success of the same kind of call does not weaken the finding. */
  readonly outlivesRecovery?: true;
  readonly sentence: (details: Details) => string;
  /** The severity for these details; undefined means `severity`. */
  readonly severityFor?: (details: Details) => Severity | undefined;
  /** The remedy for these details; undefined means `remedy`. */
  readonly remedyFor?: (details: Details) => string | undefined;
  /** The variants of `remedyFor` for docs/findings.md: when one applies, and details that select it. */
  readonly examples?: readonly (readonly [when: string, details: Partial<Details>])[];
}

export type FindingTexts<DetailsByCode> = { readonly [Code in keyof DetailsByCode]: FindingText<DetailsByCode[Code]> };
