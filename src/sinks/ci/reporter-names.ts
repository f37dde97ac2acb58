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

/** True for lines of a log, which others may stand beside; the rest are documents of their own. */
export function isLogLines(name: ReporterName): boolean {
  return logLines.includes(name);
}

/** True where the lines are commands that the runner of a step shall obey. */
export function isRunnerCommands(name: ReporterName): boolean {
  return name === "github" || name === "azure";
}
