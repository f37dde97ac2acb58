// What a file requires of each direction, over traffic made from the token samples of [MS-XOAUTH] and of Entra.
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { startPipeline } from "../../src/app/run-pipeline.ts";
import { startEntryLog } from "../../src/expectations/entry-log.ts";
import { expectationsSchema } from "../../src/expectations/file-schema.ts";
import { presetText } from "../../src/expectations/presets.ts";
import { allFacts } from "../../src/expectations/vocabulary.ts";
import { factsToWrite, writeExpectations } from "../../src/expectations/write-expectations.ts";
import {
  actorToken,
  type Exchanged,
  exchange,
  jwt,
  newStory,
  scheduler,
  startSeconds,
  tenant,
} from "../diagnosis/story.ts";
import { check, expectations, type LoadedTrace, loadTrace, problemOf } from "../support/check-here.ts";

const application = "5d1c0e4b-3a17-4f0e-9a53-2f7d0f8a6c11";

/** A token of an application in Entra's form: `appid` in version 1.0, `azp` in 2.0. */
function entraToken(version: "1.0" | "2.0", audience: string, caller = application): string {
  const isFirst = version === "1.0";
  return jwt(
    { typ: "JWT", alg: "RS256", kid: "XqrnFEfsS55_vMBpHvF0pTnqeaM" },
    {
      aud: audience,
      iss: isFirst ? `https://sts.windows.net/${tenant}/` : `https://login.microsoftonline.com/${tenant}/v2.0`,
      ver: version,
      [isFirst ? "appid" : "azp"]: caller,
      idtyp: "app",
      roles: ["full_access_as_app"],
      tid: tenant,
      nbf: startSeconds - 60,
      exp: startSeconds + 3600,
    },
  );
}

const inward: Exchanged = { authorization: `Bearer ${actorToken()}` };
const away = { client: "10.0.0.5:50000", connection: "c9", agent: "" } as const;
const online: Exchanged = {
  ...{ ...away, host: "outlook.office365.com" },
  authorization: `Bearer ${entraToken("1.0", "https://outlook.office365.com")}`,
};
const graph: Exchanged = {
  ...{ ...away, host: "graph.microsoft.com", path: "/v1.0/users/anna@contoso.com/calendar/getSchedule" },
  authorization: `Bearer ${entraToken("2.0", "https://graph.microsoft.com")}`,
};
// A probe first: a 401 shows that this server requires a token.
const probe: Exchanged = { ...graph, authorization: "Bearer", status: 401, answer: [["WWW-Authenticate", "Bearer"]] };
const shared: Exchanged = {
  ...online,
  authorization: `Bearer ${entraToken("1.0", "https://outlook.office365.com", exchange)}`,
};

async function traceOf(...story: readonly Exchanged[]): Promise<LoadedTrace> {
  const log = startEntryLog({ factNames: new Set([...allFacts.keys(), ...factsToWrite]), clock: null });
  const pipeline = startPipeline({
    ...{ verification: {}, journal: null, pseudonymise: () => "" },
    onChange: (event, change) => log.accept(event, change),
  });
  const transaction = newStory();
  for (const step of story) await pipeline.accept({ kind: "transaction", transaction: transaction(step) });
  const analysis = pipeline.snapshot();
  return { analysis, entries: log.entries(analysis), truncated: false };
}

async function outcomeOf(text: string, ...story: readonly Exchanged[]): Promise<string> {
  const results = check(`version: 1\n${text}\n`, await traceOf(...story));
  return results.map(({ outcome, message }) => (outcome === "passed" ? outcome : `${outcome}: ${message}`)).join("; ");
}

const both = [inward, online, probe, graph];
const refused: Exchanged = { ...graph, status: 401 };

describe("a direction is checked by verdict, route and token service", () => {
  test.each<[string, readonly Exchanged[]]>([
    ["outbound: oauth-confirmed", both],
    ["inbound: oauth-confirmed", both],
    ["require: { outbound: oauth-confirmed }", both],
    ["outbound: none", [inward]],
    ["outbound: [none, oauth-confirmed]", [inward]],
    ["outbound: { verdict: oauth-confirmed, route: graph, tokenService: entra-v2 }", both],
    ["outbound: { route: ews, tokenService: entra-v1 }", both],
    ["outbound: { route: [rest, graph] }", both],
    ["outbound: { tokenService: [acs, entra-v1] }", both],
    ["inbound: { verdict: [oauth-confirmed], tokenService: acs }", both],
    ["outbound: { verdict: oauth-rejected, route: graph }", [inward, refused]],
  ])("%s holds", async (text, story) => {
    expect(await outcomeOf(text, ...story)).toBe("passed");
  });

  test.each<[string, readonly Exchanged[], string]>([
    ["outbound: oauth-confirmed", [inward], "the trace has outbound none: it was not seen"],
    ["inbound: oauth-confirmed", [online], "the trace has inbound none: it was not seen"],
    ["inbound: none", [inward], "the trace has inbound oauth-confirmed, route ews, tokenService acs"],
    [
      "outbound: oauth-confirmed",
      [inward, refused],
      "the trace has outbound oauth-rejected, route graph, tokenService entra-v2",
    ],
    [
      "outbound: { route: graph }",
      [online],
      "the trace has outbound oauth-confirmed, route ews, tokenService entra-v1",
    ],
    ["outbound: { route: graph }", [inward], "the trace has outbound none: it was not seen"],
    [
      // Each was seen, but no call to Graph had a token of version 1.0.
      "outbound: { route: graph, tokenService: entra-v1 }",
      both,
      "the trace has outbound oauth-confirmed, route ews and graph, tokenService entra-v1 and entra-v2",
    ],
  ])("%s fails and names what was seen", async (text, story, message) => {
    expect(await outcomeOf(text, ...story)).toBe(`failed: ${message}`);
  });

  test("the name of the check has its condition", () => {
    const text = "version: 1\nrequire:\n  outbound: { verdict: [oauth-confirmed, inconclusive], route: graph }\n";
    expect(expectations(text).checks.map(({ name, line }) => [line, name])).toEqual([
      [3, "require outbound oauth-confirmed or inconclusive, route graph"],
    ]);
  });
});

// Each mistake: its text, and the place and words of the problem.
test.each<[string, string | RegExp]>([
  ["outbound: oauth-confirmd", '2:11 unknown verdict "oauth-confirmd"; did you mean "oauth-confirmed"?'],
  ["require: { inbound: rejected }", /^2:21 unknown verdict "rejected"/],
  ["outbound: { route: grap }", '2:20 unknown route "grap"; did you mean "graph"?'],
  [
    "outbound: { tokenService: [acs, entra-v3] }",
    /^2:33 unknown tokenService "entra-v3"; did you mean "entra-v[12]"\?$/,
  ],
  ["outbound: { token-service: acs }", '2:13 unknown key "token-service" in outbound; did you mean "tokenService"?'],
  ["outbuond: oauth-confirmed", '2:1 unknown key "outbuond" in an expectation file; did you mean "outbound"?'],
  ["outbound: {}", "2:11 outbound needs verdict, route, tokenService or basis"],
  ["outbound: []", "2:11 outbound needs a verdict"],
  ["outbound: { route: [] }", "2:20 route needs a route"],
  ["outbound: true", "2:11 outbound is text"],
  ["outbound: { verdict: none, route: ews }", "2:22 a direction that was not seen (none) has no route"],
  ["outbound: { verdict: [none], tokenService: acs }", "2:22 a direction that was not seen (none) has no tokenService"],
  ["outbound: none\nrequire: { outbound: none }", /two checks are named "require outbound none"/],
  [
    "expect: [ { match: { handshake.direction: inbund } } ]",
    /unknown handshake\.direction "inbund"; did you mean "inbound"/,
  ],
  ["expect: [ { match: { handshake.route: grahp } } ]", /unknown handshake\.route "grahp"; did you mean "graph"/],
  ["expect: [ { match: { handshake.token-service: entra } } ]", /unknown handshake\.token-service "entra"/],
])("%s is refused with its place", (text, problem) => {
  const said = problemOf(`version: 1\n${text}\n`);
  if (typeof problem === "string") expect(said).toBe(problem);
  else expect(said).toMatch(problem);
});

test.each<[string, boolean]>([
  ["outbound: oauth-confirmed", true],
  ["require: { inbound: [oauth-confirmed, none] }", true],
  ["outbound: { verdict: oauth-confirmed, route: [graph], tokenService: entra-v2 }", true],
  ["outbound: { route: grap }", false],
  ["outbound: {}", false],
  ["outbound: { token-service: acs }", false],
  ["inbound: confirmed", false],
])("an editor with the schema: %s is valid: %s", (text, isValid) => {
  const validate = new Ajv({ strict: false }).compile(expectationsSchema());
  expect(validate(parse(`version: 1\n${text}\n`))).toBe(isValid);
});

test("entries have the direction, route and token service of their handshake", async () => {
  const match = (facts: string): string => `expect: [ { match: { ${facts} }, count: ">= 1" } ]`;
  for (const facts of [
    "handshake.direction: inbound, handshake.route: ews, handshake.token-service: acs",
    "handshake.direction: outbound, handshake.route: ews, handshake.token-service: entra-v1",
    "handshake.direction: outbound, handshake.route: graph, handshake.token-service: entra-v2",
  ])
    expect(await outcomeOf(match(facts), ...both)).toBe("passed");
});

describe("a written file", () => {
  test("names the directions that the trace shows, and fails on a trace without one of them", async () => {
    const trace = await traceOf(...both);
    const text = writeExpectations(trace.analysis, trace.entries, "x");
    expect(parse(text)).toMatchObject({
      require: {
        inbound: { verdict: "oauth-confirmed", route: "ews", tokenService: "acs" },
        outbound: { verdict: "oauth-confirmed", route: ["ews", "graph"], tokenService: ["entra-v1", "entra-v2"] },
      },
    });
    expect(check(text, trace).filter(({ outcome }) => outcome === "failed")).toEqual([]);
    const failed = check(text, await traceOf(inward)).filter(({ outcome }) => outcome === "failed");
    expect(failed.map(({ name }) => name)).toContain(
      "require outbound oauth-confirmed, route ews or graph, tokenService entra-v1 or entra-v2",
    );
  });

  test("does not name a direction that the trace does not show", async () => {
    const trace = await traceOf(inward);
    expect(parse(writeExpectations(trace.analysis, trace.entries, "x")).require).not.toHaveProperty("outbound");
  });
});

describe("presets", () => {
  const failures = async (name: Parameters<typeof presetText>[0], trace: LoadedTrace): Promise<readonly string[]> =>
    check(presetText(name), trace).flatMap((result) => (result.outcome === "failed" ? [result.name] : []));

  test("hybrid: both directions, the second by an application of the tenant", async () => {
    expect(await failures("hybrid", await traceOf(...both))).toEqual([]);
    expect(await failures("hybrid", await traceOf(inward, online))).toEqual([]);
    expect(await failures("hybrid", await traceOf(inward, probe, graph))).toEqual([]);
  });

  test.each<[string, readonly Exchanged[], RegExp]>([
    ["inbound alone", [inward], /^require outbound/],
    ["outbound alone", [probe, graph], /^require inbound/],
    ["the shared service principal", [inward, shared], /^forbid finding\.shared-service-principal/],
    [
      "the shared service principal beside the application",
      [inward, probe, graph, shared],
      /^forbid finding\.shared-service/,
    ],
    ["Graph refused", [inward, online, refused], /^require outbound/],
    [
      "a token of ACS",
      [inward, { ...online, authorization: `Bearer ${actorToken({ host: "outlook.office365.com" })}` }],
      /^require outbound/,
    ],
  ])("hybrid is not met by %s", async (_name, story, expected) => {
    expect(await failures("hybrid", await traceOf(...story))).toEqual(
      expect.arrayContaining([expect.stringMatching(expected)]),
    );
  });

  test("skype-online needs a call to Exchange Server: one by the same application elsewhere is not enough", async () => {
    expect(await failures("skype-online", await loadTrace("captures/trust-works.ndjson"))).toEqual([]);
    const elsewhere = { ...away, host: "outlook.office365.com" } as const;
    const story: Exchanged = { ...elsewhere, authorization: `Bearer ${actorToken({ host: elsewhere.host })}` };
    expect(await failures("skype-online", await traceOf(story))).toContain(
      "Skype for Business Online calls with its token and is answered",
    );
  });

  test("teams as well", async () => {
    expect(await failures("teams", await loadTrace("captures/legacy-and-new-principals.ndjson"))).toEqual([]);
    const host = "outlook.office365.com";
    const story: Exchanged = {
      ...{ ...away, host },
      authorization: `Bearer ${actorToken({ host, caller: scheduler })}`,
    };
    expect(await failures("teams", await traceOf(story))).toEqual([
      "Teams, its scheduler or Cloud Voicemail calls with a token and is answered",
    ]);
  });
});
