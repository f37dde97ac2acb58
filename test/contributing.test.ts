// What CONTRIBUTING.md, SECURITY.md and the forms for issues and pull requests name exists: scripts, files, commands and options.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { buildProgram } from "../src/cli/program/program.ts";

const forms = readdirSync(".github/ISSUE_TEMPLATE").map((name) => `.github/ISSUE_TEMPLATE/${name}`);
const pages = ["CONTRIBUTING.md", "SECURITY.md", ".github/pull_request_template.md", ...forms];
const { scripts, engines }: { scripts: Record<string, string>; engines: { node: string } } = JSON.parse(
  readFileSync("package.json", "utf8"),
);

const matches = (page: string, pattern: RegExp): readonly string[] =>
  [...readFileSync(page, "utf8").matchAll(pattern)].map(([, found = ""]) => found);

test.each(pages)("%s names scripts of the package alone", (page) => {
  const named = matches(page, /npm run ([\w:-]+)/g);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test("the guide names the scripts that a change is checked with", () => {
  expect(matches("CONTRIBUTING.md", /npm run ([\w:-]+)/g)).toEqual(
    expect.arrayContaining(["check", "test:quick", "faults", "captures", "pictures"]),
  );
});

test.each(pages)("%s names files that exist", (page) => {
  // Targets of links, and code that is a path: `folder/`, `folder/file.md`, `CHANGELOG.md`, `.nvmrc`.
  const named = [
    ...matches(page, /\]\((?!https:)([^)#]+)/g),
    ...matches(page, /`((?:[\w.-]+\/)+[\w.-]*|[A-Z]+\.md|\.[a-z]\w+)`/g),
  ];
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});

test.each(pages)("%s names commands and options that the program has", (page) => {
  for (const line of matches(page, /(?:^|`)realmscope ([a-z-][^`\n]*)/gm)) {
    const words = line.split(" ");
    let command: CommandUnknownOpts = buildProgram(() => undefined);
    for (const word of words) {
      if (word.startsWith("-") || command.commands.length === 0) break;
      const found = command.commands.find((child) => child.name() === word);
      if (found === undefined) throw new Error(`${page}: realmscope ${line}: no command ${word}`);
      command = found;
    }
    const options = command.options.flatMap(({ short, long }) => [short, long]);
    for (const option of words.filter((word) => word.startsWith("-"))) expect(options, line).toContain(option);
  }
});

test("the pages name commands at all", () => {
  const named = pages.flatMap((page) => matches(page, /\brealmscope (ticket|replay|decode|findings)\b/g));
  expect(new Set(named)).toEqual(new Set(["ticket", "replay", "decode", "findings"]));
});

interface FormElement {
  readonly type: string;
  readonly id?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly validations?: Readonly<Record<string, unknown>>;
}

// GitHub's form schema: what an element of each type must have, and may have.
const attributesOf: Readonly<Record<string, { readonly must: readonly string[]; readonly may: readonly string[] }>> = {
  markdown: { must: ["value"], may: [] },
  input: { must: ["label"], may: ["description", "placeholder", "value"] },
  textarea: { must: ["label"], may: ["description", "placeholder", "value", "render"] },
  dropdown: { must: ["label", "options"], may: ["description", "multiple", "default"] },
  checkboxes: { must: ["label", "options"], may: ["description"] },
};

test.each(forms.filter((form) => !form.endsWith("/config.yml")))("%s is an issue form as GitHub reads it", (path) => {
  const form: Record<string, unknown> & { body: readonly FormElement[] } = parse(readFileSync(path, "utf8"));
  expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String), body: expect.any(Array) });
  const top = ["name", "description", "title", "labels", "assignees", "projects", "type", "body"];
  expect(Object.keys(form).filter((key) => !top.includes(key))).toEqual([]);
  const ids = form.body.flatMap(({ id }) => id ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  expect(form.body.some(({ type }) => type !== "markdown")).toBe(true);
  for (const { type, attributes = {} } of form.body) {
    const { must, may } = attributesOf[type] ?? { must: ["a type that GitHub knows"], may: [] };
    expect(Object.keys(attributes), `${path}: ${type}`).toEqual(expect.arrayContaining([...must]));
    expect(Object.keys(attributes).filter((key) => !must.includes(key) && !may.includes(key))).toEqual([]);
  }
});

test("each form asks for a ticket and refuses a raw capture", () => {
  for (const path of forms.filter((form) => !form.endsWith("/config.yml"))) {
    const { body }: { body: readonly FormElement[] } = parse(readFileSync(path, "utf8"));
    expect(body.map(({ id }) => id)).toEqual(expect.arrayContaining(["version", "expected", "ticket", "safe"]));
    expect(JSON.stringify(body)).toMatch(/Never attach a raw capture/);
  }
});

test("the chooser of issues has links that GitHub takes", () => {
  const chooser: { blank_issues_enabled: boolean; contact_links: readonly Record<string, string>[] } = parse(
    readFileSync(".github/ISSUE_TEMPLATE/config.yml", "utf8"),
  );
  expect(Object.keys(chooser).sort()).toEqual(["blank_issues_enabled", "contact_links"]);
  for (const link of chooser.contact_links) {
    expect(Object.keys(link).sort()).toEqual(["about", "name", "url"]);
    expect(link.url).toMatch(/^https:\/\//);
  }
});

test("nvm, the container and the package agree on Node", () => {
  const line = readFileSync(".nvmrc", "utf8").trim();
  const container: { image: string; postCreateCommand: string } = JSON.parse(
    readFileSync(".devcontainer/devcontainer.json", "utf8"),
  );
  expect(engines.node).toMatch(new RegExp(`^>=${line}\\.`));
  expect(container.image).toMatch(new RegExp(`/javascript-node:1-${line}-`));
  expect(container.postCreateCommand).toBe("npm ci");
});

test("CI leaves no test out under the newest Node but those that there are", () => {
  const [, list = ""] = /^same_on_every_node='\*\*\/\{(.*)\}\.test\.ts'$/m.exec(readFileSync(".ci/run", "utf8")) ?? [];
  const files = readdirSync("test/end-to-end", { recursive: true, encoding: "utf8" }).map((file) => basename(file));
  expect(list.split(",").filter((name) => !files.includes(`${name}.test.ts`))).toEqual([]);
});
