import { exitCode } from "../../app/exit-codes.ts";
import { ToolError } from "../../core/tool-error.ts";
import { type CatalogueEntry, findingCatalogue, procedureUrl } from "../../diagnosis/catalogue.ts";

/** Prints the catalogue of findings, or one entry of it. Gives the exit code. */
export async function runFindings(
  code: string | undefined,
  options: { readonly json?: true | undefined },
): Promise<number> {
  const wanted = code?.toUpperCase();
  const entries = findingCatalogue.filter((entry) => wanted === undefined || entry.code === wanted);
  if (entries.length === 0) {
    throw new ToolError("unknown-finding", `There is no finding ${JSON.stringify((code ?? "").slice(0, 60))}.`, {
      hint: "realmscope findings lists all codes.",
    });
  }
  if (options.json === true) {
    const { safeJson } = await import("../../core/safe-json.ts");
    process.stdout.write(`${safeJson(wanted === undefined ? entries : entries[0])}\n`);
  } else if (wanted === undefined)
    for (const entry of entries)
      process.stdout.write(`${entry.severity.padEnd(8)} ${entry.code.padEnd(32)} ${entry.summary}\n`);
  else for (const entry of entries) process.stdout.write(describe(entry));
  return exitCode.trustShown;
}

function describe(entry: CatalogueEntry): string {
  const step = entry.step === "" ? "" : `\nStep of the procedure: ${entry.step}\n${procedureUrl}\n`;
  const variants = (entry.variants ?? []).map(({ when, remedy }) => `\nWhere ${when}: ${remedy}\n`).join("");
  return `${entry.code} (${entry.severity})\n\n${entry.summary}\n\nOn the wire: ${entry.onTheWire}\n\nWhat to do: ${entry.remedy}\n${variants}${step}`;
}
