// What is there to paste is run as far as it can be without the servers it is for: the steps of the action, the lines of the
// snippets, and the entry of the hook, by the shells that would run them.
import { execFile } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";

const root = resolve(".");
let work = "";
let path = "";

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function bash(script: string, environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((done) => {
    // As GitHub's runner starts a step with `shell: bash`.
    const child = execFile(
      "bash",
      ["--noprofile", "--norc", "-eo", "pipefail", "-c", script],
      { cwd: work, env: { PATH: path, HOME: work, ...environment }, timeout: 60_000 },
      (_error, stdout, stderr) => done({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "realmscope-snippets-"));
  mkdirSync(join(work, "traces"));
  for (const name of ["trust-works", "one-way"]) {
    for (const ending of ["ndjson", "expect.yaml"])
      copyFileSync(`captures/${name}.${ending}`, join(work, "traces", `${name}.${ending}`));
  }
  mkdirSync(join(work, "bad"));
  copyFileSync("captures/basic-fallback.ndjson", join(work, "bad/a trace.ndjson"));
  copyFileSync("captures/trust-works.expect.yaml", join(work, "bad/a trace.expect.yaml"));
  // The program under the names by which it would be found when it is installed.
  const bin = join(work, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "realmscope"), `#!/bin/sh\nexec "${process.execPath}" "${root}/dist/cli/main.js" "$@"\n`);
  writeFileSync(
    join(bin, "npx"),
    `#!/bin/sh\ncase "$1 $2" in "--yes realmscope@"*) shift 2; exec realmscope "$@";; esac\nexit 99\n`,
  );
  for (const name of ["realmscope", "npx"]) chmodSync(join(bin, name), 0o755);
  path = [bin, resolve(process.execPath, ".."), process.env.PATH].join(delimiter);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Step {
  readonly name: string;
  readonly shell: string;
  readonly run: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly default?: string; readonly required?: boolean }>
  >;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

describe("action.yml", () => {
  const action: Action = parse(readFileSync("action.yml", "utf8"));

  /** Runs all steps with inputs, as the runner would: expressions in `env` are replaced, scripts are not touched. */
  async function runAction(
    inputs: Readonly<Record<string, string>>,
  ): Promise<Ran & { output: string; summary: string }> {
    const files = { GITHUB_OUTPUT: join(work, "output"), GITHUB_STEP_SUMMARY: join(work, "summary") };
    for (const file of Object.values(files)) writeFileSync(file, "");
    let last: Ran = { code: 0, stdout: "", stderr: "" };
    for (const step of action.runs.steps) {
      const environment = Object.entries(step.env ?? {}).map(([name, value]) => [name, expand(value, inputs)]);
      last = await bash(step.run, { ...files, ...Object.fromEntries(environment) });
      if (last.code !== 0) break;
    }
    return {
      ...last,
      output: readFileSync(files.GITHUB_OUTPUT, "utf8"),
      summary: readFileSync(files.GITHUB_STEP_SUMMARY, "utf8"),
    };
  }

  function expand(value: string, inputs: Readonly<Record<string, string>>): string {
    return value.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) => {
      if (name === "github.action_path") return root;
      const input = name.replace(/^inputs\./, "");
      const known = action.inputs[input];
      if (known === undefined) throw new Error(`the action has no input ${input}`);
      return inputs[input] ?? known.default ?? "";
    });
  }

  test("is a composite action whose scripts hold no expression", () => {
    expect(action.runs.using).toBe("composite");
    for (const step of action.runs.steps) {
      expect(step.shell).toBe("bash");
      expect(step.run).not.toContain("${{");
    }
    for (const input of Object.values(action.inputs))
      expect(input.required === true || input.default !== undefined).toBe(true);
  });

  test("passes good traces, writes the files that were asked for, the summary and the output", async () => {
    const ran = await runAction({
      traces: "traces\n",
      expect: "{trace}.expect.yaml",
      sarif: "r.sarif",
      junit: "r.xml",
    });
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(ran.output).toBe("exit-code=0\n");
    expect(ran.summary).toContain("## realmscope");
    expect(ran.stdout).not.toContain("::error");
    expect(JSON.parse(readFileSync(join(work, "r.sarif"), "utf8"))).toMatchObject({ version: "2.1.0" });
    expect(readFileSync(join(work, "r.xml"), "utf8")).toContain("<testsuite ");
  });

  test("fails with the program's code and annotates, also a path with a blank", async () => {
    const ran = await runAction({ traces: "bad/a trace.ndjson\ntraces", expect: "{trace}.expect.yaml" });
    expect(ran.code).toBe(1);
    expect(ran.output).toBe("exit-code=1\n");
    expect(ran.stdout).toContain("::error file=bad/a trace.ndjson,line=");
    expect(ran.summary).toContain("What is wrong");
    expect((await runAction({ traces: "nowhere.har" })).output).toBe("exit-code=2\n");
  });

  test("takes no input for a command or an option", async () => {
    const trap = '"; touch pwned; echo "$(touch pwned)`touch pwned`';
    const ran = await runAction({ traces: `--help\n${trap}`, expect: trap, sarif: trap });
    expect(ran.code).toBe(2);
    expect(ran.output).toBe("exit-code=2\n");
    expect((await bash("ls pwned")).code).not.toBe(0);
  });
});

const page = readFileSync("docs/ci.md", "utf8");

/** The YAML block of docs/ci.md that stands for a file. */
function snippet(name: string): unknown {
  const found = [...page.matchAll(/```yaml\n(# (\S+)\n[\s\S]*?)```/g)].find(([, , file]) => file === name);
  if (found?.[1] === undefined) throw new Error(`docs/ci.md has no ${name}`);
  return parse(found[1]);
}

test("the GitHub workflow gives the action inputs that it has", () => {
  const workflow = snippet(".github/workflows/traces.yml") as {
    jobs: { traces: { steps: { uses: string; with?: object }[] } };
  };
  const used = workflow.jobs.traces.steps.find(({ uses }) => uses.startsWith("OWNER/realmscope"));
  const action: Action = parse(readFileSync("action.yml", "utf8"));
  for (const name of Object.keys(used?.with ?? {})) expect(Object.keys(action.inputs)).toContain(name);
  expect(Object.keys(used?.with ?? {})).toContain("traces");
});

test("the GitLab job runs, and leaves the reports that it names", async () => {
  const { traces } = snippet(".gitlab-ci.yml") as {
    traces: { script: string[]; artifacts: { reports: { junit: string; codequality: string } } };
  };
  const ran = await bash(traces.script.join("\n"));
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  expect(ran.stdout).toContain("ok traces/trust-works.ndjson");
  const { junit, codequality } = traces.artifacts.reports;
  expect(readFileSync(join(work, junit), "utf8")).toContain("<testsuites>");
  expect(JSON.parse(readFileSync(join(work, codequality), "utf8"))).toEqual([]);
  const failed = await bash(traces.script.join("\n").replace("replay traces", "replay bad"));
  expect(failed.code).toBe(1);
  expect(JSON.parse(readFileSync(join(work, codequality), "utf8"))[0].location.path).toBe("bad/a trace.ndjson");
});

test("the Azure step runs, logs its commands and leaves what is published", async () => {
  const { steps } = snippet("azure-pipelines.yml") as {
    steps: { script?: string; task?: string; inputs?: Record<string, string> }[];
  };
  const script = steps.find((step) => step.script !== undefined)?.script ?? "";
  const ran = await bash(script);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  expect(ran.stdout).toMatch(/^##vso\[task\.complete result=Succeeded;\]/);
  expect(readFileSync(join(work, "TEST-realmscope.xml"), "utf8")).toContain("<testsuites>");
  expect(steps.find(({ task }) => task === "PublishTestResults@2")?.inputs?.testResultsFiles).toBe("**/TEST-*.xml");
  const failed = await bash(script.replace("replay traces", "replay bad"));
  expect(failed.stdout).toContain("##vso[task.logissue type=error;sourcepath=bad/a trace.ndjson;");
});

test("the pre-commit hook runs its entry on the captures of a commit", async () => {
  const [hook] = parse(readFileSync(".pre-commit-hooks.yaml", "utf8")) as {
    id: string;
    name: string;
    language: string;
    entry: string;
    args: string[];
    files: string;
  }[];
  if (hook === undefined) throw new Error("no hook");
  const committed = ["traces/trust-works.ndjson", "traces/trust-works.expect.yaml", "README.md", "bad/a trace.ndjson"];
  const matching = committed.filter((file) => new RegExp(hook.files).test(file));
  expect(matching).toEqual(["traces/trust-works.ndjson", "bad/a trace.ndjson"]);
  const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(" ");
  const run = (files: readonly string[]) => bash(`${hook.entry} ${quoted([...hook.args, ...files])}`);
  expect((await run(matching.slice(0, 1))).code).toBe(0);
  expect((await run(matching)).code).toBe(1);
  // A committed file may be called anything.
  const option = "--reporter=json=written.har";
  copyFileSync("captures/trust-works.ndjson", join(work, option));
  copyFileSync("captures/trust-works.expect.yaml", join(work, option.replace(".har", ".expect.yaml")));
  const named = await run([option]);
  expect(named.code, named.stderr).toBe(0);
  expect(named.stdout).toContain(`ok ${option}`);
  expect(existsSync(join(work, "written.har"))).toBe(false);
  const config = readFileSync("docs/ci.md", "utf8");
  for (const [, args = ""] of config.matchAll(/# args: \[([^\]]*)\]/g)) expect(args).toMatch(/, --$/);
  expect(snippet(".pre-commit-config.yaml")).toMatchObject({ repos: [{ hooks: [{ id: hook.id }] }] });
});
