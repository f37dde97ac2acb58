// A CI runner executes what looks like a command in the log of a step. Captured text, file names and arguments must never look
// like one.
//
// - Azure Pipelines takes `##vso[` anywhere in a line (azure-pipelines-agent, Command.cs: IndexOf), TeamCity `##teamcity[`,
//   GitHub Actions `##[` anywhere and `::` at the beginning of a line after white space (actions/runner, ActionCommand.cs:
//   IndexOf, and TrimStart with StartsWith). .NET compares these by culture, which ignores characters without a shape.
// - GitLab folds its log at `section_start:` and `section_end:`, Travis CI at `travis_fold:`.

/** Escapes the one character that is replaced: as `\x23` in text, as `\u0023` in JSON, as `&#35;` in XML. */
export type WrittenOut = (character: string) => string;

const marker = /#(?=\p{DI}*#[\p{DI}\w.-]*\[)|(?<=section_(?:start|end)|travis_fold):/gu;
const lineStart = /((?:^|[\n\v\f\r\u0085\u2028\u2029])[\s\p{DI}]*):(?=\p{DI}*:)/gu;

/** The text without commands that a runner takes anywhere in a line. Join the parts of a text before this call. */
export function withoutMarkers(text: string, write: WrittenOut = asEscape): string {
  return mayHoldMarker(text) ? text.replace(marker, write) : text;
}

/** As `withoutMarkers` for whole lines, none of which then begins with `::`. */
export function withoutCommands(lines: string): string {
  const text = withoutMarkers(lines);
  return text.includes(":") ? text.replace(lineStart, (_, before: string) => `${before}${asEscape(":")}`) : text;
}

/** Indexes of the characters that `withoutMarkers` replaces. */
export function markersIn(text: string): readonly number[] {
  return mayHoldMarker(text) ? Array.from(text.matchAll(marker), ({ index }) => index) : [];
}

/** A cheap test: few texts hold any of these, and the pattern costs more. */
function mayHoldMarker(text: string): boolean {
  return text.includes("#") || text.includes("section_") || text.includes("travis_fold:");
}

function asEscape(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
