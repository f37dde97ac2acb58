// The JSON of directions is what docs/judging.md shows.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { DirectionReport, Directions } from "../../src/diagnosis/analysis.ts";
import { joinAnalyses } from "../../src/diagnosis/join-analyses.ts";
import { analysisJson } from "../../src/sinks/analysis-json.ts";
import { loadTrace } from "../support/check-here.ts";

interface Shown {
  readonly directions: Directions;
  readonly handshakes: readonly Readonly<Record<string, unknown>>[];
  readonly captures?: readonly Shown[];
}

async function jsonOf(...names: readonly string[]): Promise<Shown> {
  const judged = await Promise.all(
    names.map(async (path) => ({ path, analysis: (await loadTrace(path, new Set())).analysis })),
  );
  return JSON.parse(JSON.stringify(analysisJson(joinAnalyses(judged), "0", []))) as Shown;
}

const page = readFileSync("docs/judging.md", "utf8");

test("the example of the page is what the capture gives", async () => {
  const [, example = ""] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  const { directions, handshakes } = await jsonOf("captures/one-way.ndjson");
  expect({ directions }).toEqual(JSON.parse(example));
  expect(handshakes).toMatchObject([{ direction: "inbound", route: "ews", tokenService: "acs" }]);
});

const words = {
  verdict: ["oauth-confirmed", "oauth-rejected", "basic-fallback", "other-auth", "inconclusive"],
  routes: ["ews", "graph", "rest", "autodiscover", "ucwa", "mapi", "activesync", "other"],
  tokenServices: ["acs", "entra-v1", "entra-v2", "own-key"],
};

test.each(["trust-works", "wrong-audience", "ntlm-only", "findings/STS_REFUSED", "findings/BASIC_EXPECTED"])(
  "%s has the members and words of the page alone",
  async (name) => {
    const { directions, handshakes } = await jsonOf(`captures/${name}.ndjson`);
    expect(Object.keys(directions)).toEqual(["inbound", "outbound"]);
    const seen: readonly DirectionReport[] = [directions.inbound, directions.outbound].flatMap((one) => one ?? []);
    for (const report of seen) {
      expect(Object.keys(report)).toEqual(["verdict", "routes", "tokenServices", "hosts", "evidence"]);
      expect(words.verdict).toContain(report.verdict);
      expect(words.routes).toEqual(expect.arrayContaining([...report.routes]));
      expect(words.tokenServices).toEqual(expect.arrayContaining([...report.tokenServices]));
    }
    for (const { direction, route, tokenService } of handshakes) {
      expect(["inbound", "outbound", null]).toContain(direction);
      expect([...words.routes, null]).toContain(route);
      expect([...words.tokenServices, null]).toContain(tokenService);
    }
    for (const word of [...words.routes, ...words.tokenServices]) expect(page).toContain(`\`${word}\``);
  },
);

test("of several captures each has its own, and the joined ones are the worst", async () => {
  const { directions, captures } = await jsonOf("captures/one-way.ndjson", "captures/wrong-audience.ndjson");
  const [oneWay, refused] = captures ?? [];
  expect(oneWay?.directions).toMatchObject({ inbound: { verdict: "oauth-confirmed" }, outbound: null });
  expect(refused?.directions).toMatchObject({
    inbound: { verdict: "oauth-rejected", routes: ["autodiscover"] },
    outbound: { verdict: "oauth-confirmed" },
  });
  expect(directions.inbound).toMatchObject({
    ...{ verdict: "oauth-rejected", routes: ["ews", "autodiscover"], tokenServices: ["acs"] },
    evidence: refused?.directions.inbound?.evidence,
  });
  expect(directions.outbound).toEqual(refused?.directions.outbound);
});
