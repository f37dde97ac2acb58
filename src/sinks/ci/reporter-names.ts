/** Every report there is, in the order of the documentation. */
export const reporterNames = [
  "pretty",
  "json",
  "junit",
  "sarif",
  "github",
  "gitlab",
  "azure",
  "tap",
  "markdown",
] as const;
export type ReporterName = (typeof reporterNames)[number];

const logLines: readonly ReporterName[] = ["pretty", "github", "azure"];

/** True for reports that are log lines and may be mixed with others; the rest are whole documents. */
export function isLogLines(name: ReporterName): boolean {
  return logLines.includes(name);
}

/** True for reports whose lines are commands for the CI runner. */
export function isRunnerCommands(name: ReporterName): boolean {
  return name === "github" || name === "azure";
}
