// The witness reads a journal with its older parts, also in the moment between two parts and when it is still empty.
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { awaitHandshake } from "../../../src/app/setup/traffic-witness.ts";
import { labControllers, labDomain } from "../../../src/lab/exchange-shell/lab-directory.ts";
import { tenant } from "../../../src/lab/names.ts";
import { readSettings } from "../../../src/provisioning/model/settings.ts";

const settings = readSettings({ profile: "skype-online", domain: labDomain, dc: labControllers[0], tenant });
const confirmed = { confirmed: [{ appId: "00000004-0000-0ff1-ce00-000000000000" }] };

function splitCapture(): { readonly path: string; readonly older: string; readonly newer: string } {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-parts-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const text = readFileSync(new URL("../../../captures/trust-works.ndjson", import.meta.url), "utf8");
  const [head = "", ...records] = text.trimEnd().split("\n");
  // The first records are in the older part; a handshake is whole only with both.
  const cut = Math.ceil(records.length / 2);
  const next = JSON.stringify({ ...JSON.parse(head), part: 2, after: cut });
  return {
    path: join(folder, "run.ndjson"),
    older: `${[head, ...records.slice(0, cut)].join("\n")}\n`,
    newer: `${[next, ...records.slice(cut)].join("\n")}\n`,
  };
}

test("a handshake in an older part counts, with the current part and without it", async () => {
  const { path, older, newer } = splitCapture();
  writeFileSync(`${path}.000001`, older);
  writeFileSync(path, newer);
  expect(await awaitHandshake(path, settings, 0)).toMatchObject(confirmed);
  renameSync(path, `${path}.000002`);
  expect(await awaitHandshake(path, settings, 0)).toMatchObject(confirmed);
});

test("an empty journal is waited for, and its parts are read as they come", async () => {
  const { path, older, newer } = splitCapture();
  writeFileSync(path, "");
  expect(await awaitHandshake(path, settings, 0)).toMatchObject({ confirmed: [] });
  const witnessed = awaitHandshake(path, settings, 60_000);
  writeFileSync(`${path}.000001`, older);
  writeFileSync(path, newer);
  expect(await witnessed).toMatchObject(confirmed);
}, 60_000);
