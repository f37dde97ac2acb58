// The catalogue of findings as data and as the page docs/findings.md.
import { sampleApplicationId } from "./catalogue/application-kind.ts";
import { callErrors } from "./catalogue/call-errors.ts";
import { type FindingCode, findingTexts, type Severity } from "./catalogue/finding.ts";
import type { FindingText, ProcedureStep } from "./catalogue/finding-text.ts";
import { graphRemedy, onlineRemedies } from "./catalogue/online-remedies.ts";
import { refusalDetails } from "./catalogue/refusal-details.ts";
import { stsErrors } from "./catalogue/sts-errors.ts";

/** The texts of one finding code. */
export interface CatalogueEntry {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly summary: string;
  readonly onTheWire: string;
  readonly remedy: string;
  /** Specific remedies for a caller, a host or an error; absent when there are none. */
  readonly variants?: readonly { readonly when: string; readonly remedy: string }[];
  /** The step of Microsoft's procedure that fixes it; empty when none does. */
  readonly step: string;
}

/** Microsoft's procedure that this program checks. */
export const procedureUrl =
  "https://learn.microsoft.com/skypeforbusiness/deploy/integrate-with-exchange-server/oauth-with-online-and-on-premises";

const steps: Readonly<Record<ProcedureStep, string>> = {
  "oauth-exchange": "Configure OAuth between Exchange Server and Exchange Online (step 1)",
  "application-account": "Create the account of the partner application and its roles (step 2)",
  "partner-application": "Create and enable the partner applications (steps 3 and 4)",
  "export-certificate": "Export the on-premises authorization certificate (step 5)",
  "upload-certificate": "Upload the certificate to the service principals (step 6)",
  "verify-certificate": "Verify the uploaded certificate (step 7)",
  "verify-success": "Verify your success",
  none: "",
};

/** Every code with its texts, in the order of the page. */
export const findingCatalogue: readonly CatalogueEntry[] = (Object.keys(findingTexts) as FindingCode[]).map((code) => {
  const { severity, summary, onTheWire, remedy, step } = findingTexts[code];
  const variants = variantsOf(code);
  const own = variants.length === 0 ? {} : { variants };
  return { code, severity, summary, onTheWire, remedy, ...own, step: steps[step] };
});

function variantsOf(code: FindingCode): NonNullable<CatalogueEntry["variants"]> {
  const { remedyFor, examples = [] } = findingTexts[code] as FindingText<Readonly<Record<string, unknown>>>;
  const [online, graph] = [onlineRemedies[code], graphRemedy(code)];
  return [
    ...examples.map(([when, details]) => ({
      when,
      remedy: (remedyFor?.(details) ?? "").replaceAll(sampleApplicationId, "<application id>"),
    })),
    ...(online === undefined
      ? []
      : [
          {
            when: `a service of Microsoft's answered (Exchange Online${graph === online ? ", Graph" : ""})`,
            remedy: online,
          },
        ]),
    ...(graph === undefined || graph === online ? [] : [{ when: "Microsoft Graph answered", remedy: graph }]),
  ];
}

/** The page docs/findings.md; a test holds the file equal to it. */
export function renderCatalogue(): string {
  const rows = findingCatalogue.map(
    ({ code, severity, summary }) => `| [${code}](#${code.toLowerCase()}) | ${severity} | ${summary} |`,
  );
  const entries = findingCatalogue.map(renderEntry);
  return `${[
    "# Findings",
    "",
    "Generated from `src/diagnosis/catalogue/`: change it there. `realmscope findings CODE` prints one entry.",
    "",
    "`alarm`: a credential or a tenant boundary is at stake. An `error` about a token that the server accepted nevertheless,",
    "and an `error` of a refused call whose kind was accepted later in the same handshake, are reported as `warning`.",
    "",
    `The steps are those of [Microsoft's procedure](${procedureUrl}).`,
    "",
    "| Code | Severity | Meaning |",
    "|---|---|---|",
    ...rows,
    "",
    entries.join("\n"),
    "## What the text of a refusal adds",
    "",
    "Exchange's texts change with version and language, so they only refine what number and category have said.",
    "",
    "| The text says | Remedy of its own |",
    "|---|---|",
    ...refusalDetails.map(({ words, remedy }) => `| ${escapeMarkdown(words)} | ${escapeMarkdown(remedy)} |`),
    "",
    "## Errors inside an accepted call (CALL_FAILED)",
    "",
    "| Code | Meaning | What to do on Exchange Server | What to do for Exchange Online |",
    "|---|---|---|---|",
    ...callErrors.map(
      ({ code, meaning, remedy, remedyOnline }) =>
        `| ${code} | ${meaning} | ${escapeMarkdown(remedy)} | ${escapeMarkdown(remedyOnline)} |`,
    ),
    "",
    "## Error codes of the token service",
    "",
    "| Code | Finding | Meaning |",
    "|---|---|---|",
    ...stsErrors.map(
      ({ errorCode, code, meaning }) => `| ${errorCode} | [${code}](#${code.toLowerCase()}) | ${meaning} |`,
    ),
    "",
  ].join("\n")}`;
}

function renderEntry(entry: CatalogueEntry): string {
  const step = entry.step === "" ? [] : [`- **Step of the procedure:** ${entry.step}`];
  return `${[
    `## ${entry.code}`,
    "",
    `**${entry.severity}.** ${entry.summary}`,
    "",
    `- **On the wire:** ${escapeMarkdown(entry.onTheWire)}`,
    `- **What to do:** ${escapeMarkdown(entry.remedy)}`,
    ...(entry.variants ?? []).map(
      ({ when, remedy }) => `- **Where ${escapeMarkdown(when)}:** ${escapeMarkdown(remedy)}`,
    ),
    ...step,
  ].join("\n")}\n`;
}

// Placeholders such as <host> would be read as HTML, and a bar or a star as markup.
function escapeMarkdown(text: string): string {
  return text.replace(/[<>|*_`]/g, (character) => `\\${character}`);
}
