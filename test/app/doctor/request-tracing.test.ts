// The configuration as the pages of <traceFailedRequests> and <traceFailedRequestsLogging> print it (learn.microsoft.com/iis).
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkTracing } from "../../../src/app/doctor/check-tracing.ts";
import {
  readRequestTracing,
  readTracingRules,
  type SiteTracing,
  tracesStatus,
  tracingCommands,
} from "../../../src/app/doctor/request-tracing.ts";

const rule = (
  path: string,
  statuses: string,
  area = 'provider="WWW Server" areas="Authentication" verbosity="Verbose"',
) =>
  `<system.webServer><tracing><traceFailedRequests><add path="${path}"><traceAreas><add provider="ASPNET" verbosity="Verbose" /><add ${area} /></traceAreas><failureDefinitions statusCodes="${statuses}" /></add></traceFailedRequests></tracing></system.webServer>`;

const config = ({
  logging = "",
  defaults = "",
  server = "",
  locations = "",
}): string => `\ufeff<?xml version="1.0" encoding="UTF-8"?>
<!-- IIS configuration sections. -->
<configuration>
  <configSections><sectionGroup name="system.applicationHost"><section name="sites" /></sectionGroup></configSections>
  <system.applicationHost>
    <sites>
      <site name="Default Web Site" id="1" serverAutoStart="true">
        <application path="/EWS" applicationPool="MSExchangeServicesAppPool" />
        ${logging}
      </site>
      <site name="Exchange Back End" id="2" />
      <siteDefaults><traceFailedRequestsLogging directory="%SystemDrive%\\inetpub\\logs\\FailedReqLogFiles" ${defaults} /></siteDefaults>
    </sites>
  </system.applicationHost>
  ${server}
  ${locations}
</configuration>`;

function frontEnd(parts: Parameters<typeof config>[0]): SiteTracing {
  const sites = readRequestTracing(config(parts));
  if (typeof sites === "string") throw new Error(sites);
  expect(sites.map(({ site, id }) => [site, id])).toEqual([
    ["Default Web Site", 1],
    ["Exchange Back End", 2],
  ]);
  const [first] = sites;
  if (first === undefined) throw new Error("no site");
  return first;
}

const on = '<traceFailedRequestsLogging enabled="true" maxLogFiles="200" />';
const ews = { application: "/EWS", file: "exchange.asmx", status: 401 } as const;
const location = (path: string, content: string): string => `<location path="${path}">${content}</location>`;

test("off by default, with the documented folder and number of files", () => {
  expect(frontEnd({})).toMatchObject({
    isOn: false,
    mostFiles: 50,
    folder: "%SystemDrive%\\inetpub\\logs\\FailedReqLogFiles",
    rules: [],
  });
  expect(frontEnd({ logging: on })).toMatchObject({ isOn: true, mostFiles: 200 });
  expect(frontEnd({ defaults: 'enabled="true"' })).toMatchObject({ isOn: true });
});

test.each([
  ["a rule of the application", { logging: on, locations: location("Default Web Site/EWS", rule("*", "401")) }, "all"],
  ["in another letter case", { logging: on, locations: location("default web site/ews", rule("*", "401")) }, "all"],
  ["a rule of the site", { logging: on, locations: location("Default Web Site", rule("*.asmx", "400-599")) }, "all"],
  ["a rule of the server", { logging: on, server: rule("*", "500,401,403") }, "all"],
  ["a sub-status only", { logging: on, server: rule("*", "401.1") }, "some"],
  ["another status", { logging: on, server: rule("*", "500") }, "none"],
  ["another file", { logging: on, server: rule("*.svc", "401") }, "none"],
  ["another application", { logging: on, locations: location("Default Web Site/EWSX", rule("*", "401")) }, "none"],
  ["another site", { logging: on, locations: location("Exchange Back End/EWS", rule("*", "401")) }, "none"],
  ["switched off", { server: rule("*", "401") }, "none"],
  [
    "without the provider of heads",
    { logging: on, server: rule("*", "401", 'provider="ISAPI Extension" verbosity="Verbose"') },
    "none",
  ],
  [
    "with warnings only",
    { logging: on, server: rule("*", "401", 'provider="WWW Server" verbosity="Warning"') },
    "none",
  ],
] as const)("%s", (_, parts, expected) => {
  expect(tracesStatus(frontEnd(parts), ews)).toBe(expected);
});

test("rules of a web.config", () => {
  const rules = readTracingRules(
    `<?xml version="1.0"?><configuration>${rule("exch*.as*x", "401")}</configuration>`,
    "Default Web Site/EWS",
  );
  expect(rules).toEqual([{ location: "Default Web Site/EWS", path: "exch*.as*x", statuses: "401", hasHeads: true }]);
  expect(tracesStatus({ ...frontEnd({ logging: on }), rules }, ews)).toBe("all");
  expect(readTracingRules("<configuration>", "x")).toEqual([]);
});

test("a configuration that cannot be read says why", () => {
  expect(readRequestTracing("")).toMatch(/cannot be read/);
  expect(readRequestTracing(config({}).slice(0, 300))).toMatch(/too early/);
  expect(readRequestTracing('<configuration><!DOCTYPE x [<!ENTITY a "b">]></configuration>')).toMatch(/document type/);
});

// "Configuring Failed Request Tracing", AppCmd.exe: `/+"[path='*']"`, `.traceAreas.[provider=…]`, `.failureDefinitions.statusCodes`,
// `set site … /traceFailedRequestsLogging.enabled`.
test("two commands switch it on for EWS and Autodiscover, one ends it and takes the rules away", () => {
  const { on: begin, off } = tracingCommands("Anna's site", "200,401");
  expect([begin.length, off.length]).toEqual([2, 1]);
  expect(begin[0]).toMatch(/^\$site = 'Anna''s site'; 'EWS', 'Autodiscover' \| ForEach-Object \{ /);
  const changes = [
    ...(begin[0] ?? "").matchAll(/set config "\$site\/\$_" \S+traceFailedRequests "([^"]+)" \/commit:apphost/g),
  ];
  expect(changes.map(([, change]) => change)).toEqual([
    "/+[path='*']",
    expect.stringMatching(
      /^\/\+\[path='\*'\]\.traceAreas\.\[provider='WWW Server',areas='[A-Za-z,]+',verbosity='Verbose'\]$/,
    ),
    "/[path='*'].failureDefinitions.statusCodes:200,401",
  ]);
  expect(begin[1]).toMatch(
    /appcmd\.exe set site 'Anna''s site' \/traceFailedRequestsLogging\.enabled:true \/commit:apphost$/,
  );
  expect(off[0]).toMatch(/enabled:false \/commit:apphost; .*"\/-\[path='\*'\]" \/commit:apphost \}$/);
});

const folder = (files: Readonly<Record<string, string>>): string => {
  const made = mkdtempSync(join(tmpdir(), "realmscope-tracing-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(made, name), content);
  return made;
};

test.each([
  [
    "on for 401",
    { logging: on, server: rule("*", "401") },
    "ok",
    /traces 401 of EWS and Autodiscover.*W3SVC1.*200 files/,
  ],
  ["on for a sub-status", { logging: on, server: rule("*", "401.1") }, "warning", /only some answers with 401/],
  ["on without a rule", { logging: on }, "warning", /traces no answer with 401/],
  ["off", { server: rule("*", "401") }, "warning", /is off/],
] as const)("doctor says that tracing is %s", async (_, parts, status, message) => {
  const checks = await checkTracing([folder({ "applicationHost.config": config(parts) })], {});
  expect(checks).toMatchObject([{ name: "failed-requests", status }]);
  expect(checks[0]?.message).toMatch(message);
  if (status === "ok") expect(checks[0]?.remedy).toBe("");
  else expect(checks[0]?.remedy).toMatch(/appcmd\.exe set config .* To end it: .*enabled:false/);
});

test("doctor says nothing where there is no configuration, and why one cannot be read", async () => {
  expect(await checkTracing([folder({})], {})).toEqual([]);
  const [check] = await checkTracing([folder({ "applicationHost.config": "<configuration>" })], {});
  expect(check).toMatchObject({
    status: "warning",
    message: expect.stringContaining("cannot be read: it ends too early"),
  });
});
