// Real programs through the built `watch`, each call compared with the direct one, and all of it with the committed table.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allClients, runsAll, someClients } from "./all-clients.ts";
import { callsOf, type Mode, modes, type Row, runMatrix } from "./matrix.ts";
import { type Origins, startOrigins } from "./origins.ts";
import { rowsOfPage, tableRow } from "./page.ts";

// One program of each TLS library.
const chosen = [
  "curl",
  "openssl s_client",
  "Node https",
  "node:http2",
  "Python http.client",
  "Java HttpClient",
  ".NET HttpClient",
];
const clients = runsAll ? await allClients() : await someClients(chosen);
const committed = rowsOfPage(readFileSync("docs/clients.md", "utf8"));

let origins: Origins;
const rows = new Map<string, Row>();
beforeAll(async () => {
  origins = await startOrigins();
  for (const row of await runMatrix(origins, clients)) rows.set(row.client.name, row);
}, 300_000);
afterAll(() => origins.stop());

describe.each(clients)("$name", (client) => {
  const isThere = client.version !== null;
  const name = isThere ? "" : ` (skipped: ${client.missing})`;
  const rowOf = (): Row => {
    const row = rows.get(client.name);
    if (row === undefined) throw new Error("the client was not run");
    return row;
  };
  const isHttp2 = client.protocol === "h2";

  test.skipIf(!isThere)(`answers every call when it calls directly${name}`, () => {
    for (const mode of modes) {
      const cell = rowOf().cells[mode];
      if (cell === null) continue;
      expect(cell.direct.answers, mode).toHaveLength(callsOf(client).length);
      expect(cell.direct.answers.filter((answer) => "error" in answer)).toEqual([]);
    }
  });

  test.skipIf(!isThere || isHttp2)(`gets the same as directly, but for HTTP/2${name}`, () => {
    const opened: readonly Mode[] = ["forward, opened", "reverse, own certificate", "reverse, inspection CA"];
    for (const mode of opened) {
      const found = rowOf().cells[mode]?.differences ?? [];
      expect(
        found.filter(({ kind }) => client.protocol !== "both" || kind !== "version"),
        mode,
      ).toEqual([]);
    }
    for (const mode of ["forward, out of scope", "forward, `http://`"] as const) {
      expect(rowOf().cells[mode]?.differences ?? [], mode).toEqual([]);
    }
  });

  // Three connections are what it takes to recognise it. Some programs open the next before they have closed the last.
  test.skipIf(!isThere)(`is served from the fifth call on at the latest when it does not trust the CA${name}`, () => {
    const answers = rowOf().cells["forward, CA not trusted"]?.through.answers ?? [];
    const failures = answers.filter((answer) => "error" in answer).length;
    expect(answers).toHaveLength(callsOf(client).length);
    expect(failures).toBeLessThanOrEqual(Math.min(4, answers.length - 1));
    expect(answers.slice(failures).some((answer) => "error" in answer)).toBe(false);
  });

  test.skipIf(!isThere || !isHttp2)(`is served from the fourth call on although it accepts HTTP/2 alone${name}`, () => {
    for (const mode of ["forward, opened", "reverse, own certificate", "reverse, inspection CA"] as const) {
      const answers = rowOf().cells[mode]?.through.answers ?? [];
      expect(answers.map((answer) => "error" in answer).slice(3), mode).not.toContain(true);
    }
    expect(rowOf().cells["forward, out of scope"]?.differences).toEqual([]);
  });

  test.skipIf(!isThere)(`has the row of docs/clients.md${name}`, () => {
    expect(tableRow(rowOf())).toBe(committed.get(client.name));
  });
});
