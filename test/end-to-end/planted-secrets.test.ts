// The promise of the hand-over: of the secrets planted at every place that captures.md names and at more, none survives in
// anything that is written for others, and what the reader of a ticket needs is all there. The search shares no code with
// the product, and must find every secret in the originals.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportAll } from "../support/export-all.ts";
import { type PlantedFile, plantedHar, plantedSaz, requestId } from "../support/planted-captures.ts";
import { runCli } from "../support/run-cli.ts";
import { findSecrets } from "../support/secret-search.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-planted-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const survivors = (bytes: Buffer, { planted }: PlantedFile): readonly string[] => {
  const found = findSecrets(
    bytes,
    planted.map(({ secret }) => secret),
  );
  return planted.flatMap(({ place, secret }) => (found.has(secret) ? [`${place}: ${found.get(secret)}`] : []));
};

async function writeAll(name: string, { bytes }: PlantedFile): Promise<ReadonlyMap<string, Buffer>> {
  const original = join(folder, name);
  writeFileSync(original, bytes);
  const outputs = await exportAll(original, original);
  const ticket = join(folder, `${name}.zip`);
  const made = await runCli(["ticket", original, "-o", ticket]);
  expect(made).toMatchObject({ code: 0 });
  expect(readFileSync(original).equals(bytes)).toBe(true);
  return new Map<string, Buffer>([...outputs, ["ticket", readFileSync(ticket)]]);
}

describe.each([
  ["HAR", "planted.har", plantedHar()],
  ["SAZ", "planted.saz", plantedSaz()],
] as const)("%s", (_format, name, planted) => {
  test("the search finds every planted secret in the original", { timeout: 60_000 }, () => {
    expect(survivors(planted.bytes, planted)).toHaveLength(planted.planted.length);
  });

  test("none survives in any format, nor in a ticket", { timeout: 120_000 }, async () => {
    for (const [format, bytes] of await writeAll(name, planted)) {
      expect(survivors(bytes, planted), format).toEqual([]);
      if (format === "html" || format === "markdown") continue;
      const text = format === "har" || format === "ndjson" || format === "pcapng" ? bytes.toString("latin1") : "";
      const entries = text === "" ? 0 : (text.match(/0f0f0f0f-1111-4222-8333-/g)?.length ?? 0);
      if (text !== "") expect(entries, format).toBeGreaterThanOrEqual(2);
    }
  });
});

test("none survives the way through another format that still held them", { timeout: 60_000 }, async () => {
  const planted = plantedHar();
  const original = join(folder, "way.har");
  writeFileSync(original, planted.bytes);
  for (const format of ["saz", "ndjson"]) {
    const [raw, safe] = [join(folder, `way.${format}`), join(folder, `way-${format}.har`)];
    expect(await runCli(["export", original, "--to", format, "-o", raw, "--unsanitised"])).toMatchObject({ code: 0 });
    expect(survivors(readFileSync(raw), planted).length).toBeGreaterThan(80);
    expect(await runCli(["export", raw, "--to", "har", "-o", safe])).toMatchObject({ code: 0 });
    expect(survivors(readFileSync(safe), planted), format).toEqual([]);
  }
});

test("there are many more places than the forty-two that public sanitisers were measured with", () => {
  expect(plantedHar().planted.length + plantedSaz().planted.length).toBeGreaterThan(100);
});

test("every request id, status, diagnostics line and the claims iss, aud and exp stay readable", {
  timeout: 60_000,
}, async () => {
  const planted = plantedHar();
  const original: { log: { entries: HarEntry[] } } = JSON.parse(planted.bytes.toString("utf8"));
  const path = join(folder, "stays.har");
  writeFileSync(path, planted.bytes);
  const output = join(folder, "stays-safe.har");
  expect(await runCli(["export", path, "--to", "har", "-o", output])).toMatchObject({ code: 0 });
  const safe: { log: { entries: HarEntry[]; _sanitized: Record<string, number> } } = JSON.parse(
    readFileSync(output, "utf8"),
  );
  expect(safe.log.entries).toHaveLength(original.log.entries.length);
  for (const [index, entry] of original.log.entries.entries()) {
    const after = safe.log.entries[index];
    expect(header(after?.request, "client-request-id")).toBe(requestId(index));
    expect(header(after?.response, "request-id")).toBe(requestId(index + 1000));
    expect(after?.response.status).toBe(entry.response.status);
    expect(header(after?.response, "x-ms-diagnostics")?.split(";")[0]).toBe(
      header(entry.response, "x-ms-diagnostics")?.split(";")[0],
    );
    expect(publicClaims(after)).toEqual(publicClaims(entry));
  }
  expect(original.log.entries.flatMap(publicClaims).length).toBeGreaterThan(10);
  expect(Object.values(safe.log._sanitized).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(90);
});

interface Message {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

interface HarEntry {
  readonly request: Message;
  readonly response: Message & { readonly status: number };
}

function header(message: Message | undefined, name: string): string | undefined {
  return message?.headers.find((each) => each.name.toLowerCase() === name)?.value;
}

/** `iss`, `aud` and `exp` of every token in the Authorization field, outer and inner, in order. */
function publicClaims(entry: HarEntry | undefined): readonly unknown[] {
  const value = header(entry?.request, "authorization") ?? "";
  const claims: unknown[] = [];
  const walk = (text: string): void => {
    for (const [segment] of text.matchAll(/ey[A-Za-z0-9_-]{8,}/g)) {
      const inner = Buffer.from(segment, "base64url").toString("utf8");
      if (!inner.startsWith("{")) continue;
      const { iss, aud, exp } = JSON.parse(inner) as Record<string, unknown>;
      // An object is no audience, and is taken away for it.
      if (iss !== undefined) claims.push({ iss, aud: typeof aud === "object" || aud === "<redacted>" ? "" : aud, exp });
      walk(inner.slice(1));
    }
  };
  // Two credentials in one field are none that a server reads; they are taken away whole.
  if (/^(?:[A-Za-z]+ +)?ey[A-Za-z0-9_.-]+(?:<sig:\w+>)?$/.test(value)) walk(value);
  return claims;
}
