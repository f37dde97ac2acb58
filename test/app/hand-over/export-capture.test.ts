// What is handed over: judged like the original, readable by other programs, and without a secret.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isIPv4, isIPv6 } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Ajv } from "ajv";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { readConfiguration } from "../../../src/app/configuration.ts";
import { exportCapture } from "../../../src/app/hand-over/export-capture.ts";
import type { ExportFormat } from "../../../src/app/hand-over/export-formats.ts";
import type { SafeCopy } from "../../../src/app/hand-over/make-safe-copy.ts";
import { pseudonymsFromKey } from "../../../src/app/pseudonyms.ts";
import { printSummary } from "../../../src/cli/views/hand-over-summary.ts";
import type { CaptureEvent } from "../../../src/core/capture-event.ts";
import type { Headers } from "../../../src/core/headers.ts";
import type { Pseudonymise } from "../../../src/sanitising/sanitise.ts";
import { harEntry } from "../../../src/sinks/formats/write-har-entry.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";
import { transaction } from "../../sanitising/transaction-maker.ts";
import { withoutClients } from "../../support/findings-outline.ts";
import { judgeFile } from "../../support/judge-file.ts";
import { findSecret } from "../../support/secret-search.ts";

let folder = "";
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-export-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newPath = (): string => join(folder, `out-${++files}`);

const keyed = (key: number): Pseudonymise => pseudonymsFromKey(new Uint8Array(32).fill(key));
const task = {
  realm: null,
  hidesDomains: false,
  isSanitised: true,
  configuration: await readConfiguration(undefined),
  title: "a capture",
};

async function exported(file: string, format: ExportFormat, key = 5): Promise<{ path: string; result: SafeCopy }> {
  const path = newPath();
  const result = await exportCapture({
    ...task,
    files: [file],
    pseudonymise: keyed(key),
    outputs: [[format, path]],
  });
  return { path, result };
}

const captures = ["captures", "captures/findings"].flatMap((parent) =>
  readdirSync(parent)
    .filter((name) => name.endsWith(".ndjson"))
    .map((name) => `${parent}/${name}`),
);

const readable = ["har", "saz", "ndjson"] as const;

/** One capture in every format that is read back. */
async function inEveryFormat(file: string, key: number): Promise<{ paths: readonly string[]; result: SafeCopy }> {
  const outputs = readable.map((format) => [format, newPath()] as const);
  const result = await exportCapture({ ...task, files: [file], pseudonymise: keyed(key), outputs });
  return { paths: outputs.map(([, path]) => path), result };
}

test.each(captures)(
  "%s is judged as before from every format, and made safe again it is the same file",
  async (file) => {
    const { paths, result } = await inEveryFormat(file, 5);
    const before = withoutClients((await judgeFile(file)).analysis);
    expect(result.isJudgedAlike).toBe(true);
    for (const [index, format] of readable.entries()) {
      const path = paths[index] ?? "";
      const after = await judgeFile(path);
      expect(withoutClients(after.analysis)).toEqual(before);
      expect(after.summary).toMatchObject({ truncated: false, problems: [] });
      expect(statSync(path).mode & 0o777).toBe(0o600);
      const again = await exported(path, format, 6);
      expect(readFileSync(again.path).equals(readFileSync(path))).toBe(true);
    }
  },
);

const { resolve } = createRequire(import.meta.url);
const schemas = readdirSync(join(resolve("har-schema"), "..")).filter((name) => name.endsWith(".json"));

/** The schema's formats as JSON Schema means them (draft 6): RFC 3339 times, RFC 3986 URIs, addresses. */
const formats: Readonly<Record<string, (text: string) => boolean>> = {
  "date-time": (text) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
  uri: (text) => /^[a-z][a-z0-9+.-]*:[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]*$/i.test(text) && URL.canParse(text),
  ipv4: (text) => isIPv4(text),
  ipv6: (text) => isIPv6(text),
};

test("HAR passes the public schema for every capture, and several WWW-Authenticate stay several", async () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  for (const [name, validate] of Object.entries(formats)) ajv.addFormat(name, validate);
  ajv.addMetaSchema(JSON.parse(readFileSync(resolve("ajv/dist/refs/json-schema-draft-06.json"), "utf8")));
  for (const name of schemas) ajv.addSchema(JSON.parse(readFileSync(join(resolve("har-schema"), "..", name), "utf8")));
  const read = (path: string): Har => JSON.parse(readFileSync(path, "utf8"));
  for (const file of captures) {
    const har = read((await exported(file, "har")).path);
    expect(ajv.validate("har.json#", har), `${file}: ${ajv.errorsText()}`).toBe(true);
  }
  const { log } = read((await exported("captures/basic-fallback.ndjson", "har")).path);
  expect(log.entries[0]?.response.headers.filter(({ name }) => name === "WWW-Authenticate")).toHaveLength(4);
  // What was said of the signatures stands beside the tokens, and how much was replaced at the end.
  expect(log.entries[2]?._s2s).toEqual([
    expect.objectContaining({
      token: "access_token",
      alg: "RS256",
      outcome: "verified",
      at: expect.stringMatching(/Z$/),
    }),
  ]);
  expect(log._sanitized).toMatchObject({ passwords: 1 });
  // The schema would tell: a broken entry does not pass.
  expect(
    ajv.validate("har.json#", { log: { ...log, entries: [{ ...log.entries[0], startedDateTime: "today" }] } }),
  ).toBe(false);
});

interface Har {
  readonly log: {
    readonly entries: readonly {
      readonly response: { readonly headers: readonly { name: string }[] };
      readonly _s2s?: unknown;
    }[];
    readonly _sanitized: Readonly<Record<string, number>>;
  };
}

test("SAZ has the published layout when another program unpacks it", async () => {
  const { path } = await exported("captures/basic-fallback.ndjson", "saz");
  const unpacked = unzipSync(readFileSync(path));
  const text = (name: string): string => Buffer.from(unpacked[name] ?? new Uint8Array(0)).toString("latin1");
  expect(Object.keys(unpacked)).toContain("[Content_Types].xml");
  expect(text("raw/0001_c.txt")).toMatch(
    /^POST https:\/\/mail\.contoso\.example\/autodiscover\/autodiscover\.svc HTTP\/1\.1\r\nHost: /,
  );
  expect(text("raw/0001_s.txt")).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
  expect(text("raw/0001_s.txt").match(/^WWW-Authenticate: /gm)).toHaveLength(4);
  expect(text("raw/0001_m.xml")).toContain("<SessionTimers ClientConnected=");
  // The stated length is that of the body that is there.
  for (const name of Object.keys(unpacked).filter((each) => /_[cs]\.txt$/.test(each))) {
    const [head = "", ...body] = text(name).split("\r\n\r\n");
    if (head === "") continue;
    expect(Number(/\r\nContent-Length: (\d+)$/.exec(head)?.[1])).toBe(body.join("\r\n\r\n").length);
  }
});

const secret = "Zx9-planted-Secret_42q";
const token = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
const planted = {
  ...transaction({
    target: `/EWS/Exchange.asmx?code=${secret}`,
    headers: [
      [
        "Authorization",
        `Bearer ${token({ alg: "RS256" })}.${token({ iss: "a", upn: `${secret}@contoso.example` })}.${Buffer.from(secret).toString("base64url")}`,
      ],
      ["Cookie", `a=${secret}`],
      ["X-Unknown", secret],
      ["client-request-id", "11111111-2222-4333-8444-555555555555"],
    ],
    body: secret,
    answerHeaders: [
      ["Set-Cookie", `b=${secret}`],
      ["Location", `/x?sig=${secret}`],
      ["request-id", "99999999-2222-4333-8444-555555555555"],
    ],
    answer: JSON.stringify({ access_token: secret, refresh_token: secret }),
  }),
};

function plantedHar(): string {
  const path = newPath();
  const basic = transaction({
    headers: [["Authorization", `Basic ${Buffer.from(`svc:${secret}`).toString("base64")}`]],
  });
  const entries = [planted, basic].map((each) => ({
    ...harEntry(each),
    _initiator: { url: secret },
    _webSocketMessages: [{ data: secret }],
    comment: secret,
  }));
  writeFileSync(
    path,
    JSON.stringify({
      log: { version: "1.2", creator: { name: "x", version: "1" }, pages: [{ title: secret }], entries },
    }),
  );
  return path;
}

test.each(["har", "saz", "ndjson", "html", "markdown"] as const)("no planted secret survives in %s", async (format) => {
  const original = plantedHar();
  expect(findSecret(readFileSync(original), secret)).not.toBe(null);
  const { path, result } = await exported(original, format);
  const pieces = format === "saz" ? Object.values(unzipSync(readFileSync(path))) : [readFileSync(path)];
  for (const piece of pieces) expect(findSecret(Buffer.from(piece), secret)).toBe(null);
  expect(result.analysis.counts.transactions).toBe(2);
  if (format === "html" || format === "markdown") return;
  const readable = pieces.map((piece) => Buffer.from(piece).toString("latin1")).join("\n");
  for (const id of ["11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"])
    expect(readable).toContain(id);
});

test("the original is not touched, and an exported file exported again stays the same", async () => {
  const original = plantedHar();
  const before = readFileSync(original);
  const { path: once } = await exported(original, "ndjson");
  const { path: twice } = await exported(once, "ndjson");
  expect(readFileSync(original)).toEqual(before);
  const events = async (path: string): Promise<CaptureEvent[]> => {
    const all: CaptureEvent[] = [];
    for await (const event of (await openCapture(path)).events) all.push(event);
    return all;
  };
  expect(await events(twice)).toEqual(await events(once));
});

test("a file that exists is not overwritten, and a failure leaves nothing behind", async () => {
  const there = newPath();
  writeFileSync(there, "mine");
  const simple = { ...task, files: ["captures/one-way.ndjson"], pseudonymise: keyed(1) };
  await expect(exportCapture({ ...simple, outputs: [["har", there]] })).rejects.toThrow("exists");
  expect(readFileSync(there, "utf8")).toBe("mine");
  const path = newPath();
  await expect(exportCapture({ ...simple, files: ["nowhere.har"], outputs: [["har", path]] })).rejects.toThrow(
    "does not exist",
  );
  expect(existsSync(path) || existsSync(`${path}.partial`)).toBe(false);
  await expect(exportCapture({ ...simple, outputs: [["saz", join(folder, "none", "x")]] })).rejects.toThrow(
    "cannot be written",
  );
});

describe("with room for a few secrets only", () => {
  const limits = { secrets: 2, others: 1, names: 1, later: 4, portion: 2 };
  const cookies = Array.from({ length: 10 }, (_, number) => `c${number}=Zx9-cookie-${number}-q`).join("; ");
  const asked = (answerHeaders: Headers): string => {
    const path = newPath();
    const event = transaction({ headers: [["Cookie", cookies]], answerHeaders });
    writeFileSync(path, JSON.stringify({ log: { version: "1.2", entries: [harEntry(event)] } }));
    return path;
  };
  const few = { ...task, pseudonymise: keyed(1), limits };

  test("what was written is read once for each portion, and the rest is told", async () => {
    const [har, report] = [newPath(), newPath()];
    const files = [asked([])];
    const read: string[] = [];
    const onFile = (name: string): void => {
      read.push(name);
    };
    const outputs = [["har", har] as const, ["html", report] as const];
    const handed = await exportCapture({ ...few, files, onFile, outputs });
    expect(handed.search).toEqual({ values: 7, beyond: 3 });
    const again = [har, report].flatMap((path) => [1, 2, 3].map((time) => `${basename(path)} again (${time} of 3)`));
    expect(read).toEqual([...files, ...files, ...again]);
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    onTestFinished(() => said.mockRestore());
    printSummary(handed, { output: har, isQuiet: true, isJson: false, isSanitised: true, keyPath: null });
    expect(said.mock.calls.join("")).toMatch(/^realmscope: 3 secrets and names more than can be looked for: .+\n$/);
  });

  test.each([3, 4, 5, 6])("number %i is found where it was left, and nothing is written", async (number) => {
    const secret = `Zx9-cookie-${number}-q`;
    const inField = asked([["x-ms-diagnostics", `2000000;reason="${secret}";category="invalid"`]]);
    const [har, report] = [newPath(), newPath()];
    const inCapture = { ...few, files: [inField], outputs: [["har", har] as const] };
    const title = `what ${secret} did`;
    const inReport = { ...few, files: [asked([])], title, outputs: [["html", report] as const] };
    for (const wanted of [inCapture, inReport]) {
      await expect(exportCapture(wanted)).rejects.toMatchObject({
        code: "leak",
        hint: expect.stringContaining("fewer requests"),
      });
    }
    for (const path of [har, report]) expect(existsSync(path) || existsSync(`${path}.partial`)).toBe(false);
  });
});
