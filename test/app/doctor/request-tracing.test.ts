// The configuration as the pages of <traceFailedRequests> and <traceFailedRequestsLogging> print it (learn.microsoft.com/iis).
import { expect, test } from "vitest";
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

test("the commands write the rules that are read back, and take them away again", () => {
  const { on: begin, off } = tracingCommands("Default Web Site", "401");
  // "Configuring Failed Request Tracing", AppCmd.exe: `/+"[path='*']"`, `.traceAreas.[provider=…]`, `.failureDefinitions.statusCodes`.
  expect(begin).toHaveLength(7);
  expect(begin.every((line) => line.endsWith("/commit:apphost"))).toBe(true);
  expect(begin[2]).toContain(`"/[path='*'].failureDefinitions.statusCodes:401"`);
  expect(begin.at(-1)).toContain('set site "Default Web Site" "/traceFailedRequestsLogging.enabled:true"');
  expect(off[0]).toContain("enabled:false");
  expect(off.slice(1).map((line) => /"([^"]+)" "\/section/.exec(line)?.[1])).toEqual([
    "Default Web Site/EWS",
    "Default Web Site/Autodiscover",
  ]);
});
