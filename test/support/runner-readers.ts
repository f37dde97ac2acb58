// How CI runners find commands in the log of a step, written after their sources and manuals and not after the product.

export interface FoundCommand {
  readonly runner: string;
  readonly line: string;
}

const readers: readonly (readonly [runner: string, isCommand: (line: string) => boolean])[] = [
  // azure-pipelines-agent, Microsoft.VisualStudio.Services.Agent/Command.cs: message.IndexOf("##vso["), then IndexOf("]").
  ["Azure Pipelines", (line) => line.includes("##vso[")],
  // actions/runner, Runner.Common/ActionCommand.cs: TryParse looks for "##[" with IndexOf, TryParseV2 trims the start and
  // wants "::" there.
  ["GitHub Actions, first form", (line) => line.includes("##[")],
  ["GitHub Actions, second form", (line) => line.trimStart().startsWith("::")],
  // JetBrains, "Service Messages": ##teamcity[<messageName> 'value'].
  ["TeamCity", (line) => line.toLowerCase().includes("##teamcity[")],
  // gitlab-org/gitlab, lib/gitlab/ci/trace/section_parser.rb.
  ["GitLab", (line) => /section_(?:start|end):\d+:/.test(line)],
  // travis-ci/travis-build: travis_fold:start:NAME.
  ["Travis CI", (line) => /travis_fold:(?:start|end):/.test(line)],
];

/** Every line that some runner would obey. StreamReader.ReadLine ends a line at CR, at LF and at both. */
export function commandsIn(log: string): readonly FoundCommand[] {
  return log
    .split(/\r\n|\r|\n/)
    .flatMap((line) => readers.filter(([, isCommand]) => isCommand(line)).map(([runner]) => ({ runner, line })));
}

/** One command for each way to write one. */
export const plantedCommands: readonly string[] = [
  "##vso[task.complete result=Succeeded;]",
  "##[stop-commands]t",
  "::stop-commands::t",
  "##teamcity[buildStatus status='SUCCESS']",
  "section_start:1:t",
  "travis_fold:start:t",
];
