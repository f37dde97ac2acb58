// Which rows judging gets. Names of probes and of health mailboxes, and the machine account of the hop on port 444, are published.
import { expect, test } from "vitest";
import {
  agents,
  backEndRow,
  type ExchangeLog,
  exchangeLog,
  httpErrRow,
  httpProxyRow,
  iisRow,
  type LogCells,
  oauthInfo,
  proxyShapes,
  rareProxyShapes,
  skypeId,
  w3cLog,
} from "../support/log-lines.ts";
import { readLog } from "./read-log.ts";

const health = "CONTOSO\\HealthMailbox6f2b1c0";
const sid = "S-1-5-21-1004336348-1177238915-682003330-1105";
const remote = "198.51.100.4";

function kindOf(cells: LogCells, log: ExchangeLog = "http-proxy"): string | undefined {
  const row = log === "http-proxy" ? httpProxyRow(cells) : backEndRow(cells);
  return readLog(exchangeLog(log, [row]))[0]?.kind;
}

test.each([
  ["Exchange's own probe", proxyShapes.healthMailbox, "dropped"],
  [
    "the agent of a probe with another account",
    { ...proxyShapes.healthMailbox, AuthenticatedUser: "CONTOSO\\anna" },
    "row",
  ],
  ["a health mailbox with another program", { ...proxyShapes.healthMailbox, UserAgent: "curl/8.0" }, "row"],
  [
    "a health mailbox by its address",
    { ...proxyShapes.healthMailbox, AuthenticatedUser: "HealthMailbox6f2b1c0@contoso.com", UserAgent: "Ews_AM_Probe" },
    "dropped",
  ],
  ["ActiveMonProbe", { AuthenticationType: "NTLM", AuthenticatedUser: health, UserAgent: "ActiveMonProbe" }, "dropped"],
  ["the machine account of the hop", proxyShapes.machineHop, "dropped"],
  ["the hop with NTLM", { ...proxyShapes.machineHop, AuthenticationType: "NTLM" }, "dropped"],
  ["the hop with the program of the client", { ...proxyShapes.machineHop, UserAgent: agents.teams }, "dropped"],
  ["the system account", { AuthenticationType: "Negotiate", AuthenticatedUser: "NT AUTHORITY\\SYSTEM" }, "dropped"],
  [
    "Basic from another address, named as a probe",
    { AuthenticationType: "Basic", AuthenticatedUser: health, UserAgent: agents.probe, ClientIpAddress: remote },
    "row",
  ],
  [
    "Basic from this server, named as a probe",
    { AuthenticationType: "Basic", AuthenticatedUser: health, UserAgent: agents.probe, ClientIpAddress: "127.0.0.1" },
    "dropped",
  ],
  [
    "Basic of a machine account from another address",
    { AuthenticationType: "Basic", AuthenticatedUser: "CONTOSO\\EX02$", ClientIpAddress: remote },
    "row",
  ],
  [
    "Basic from an address that is not shown",
    { AuthenticationType: "Basic", AuthenticatedUser: health, UserAgent: agents.probe, ClientIpAddress: "" },
    "row",
  ],
  [
    "a health check of a load balancer",
    { ...rareProxyShapes.forms, AuthenticationType: "", UrlStem: "/ews/healthcheck.htm" },
    "dropped",
  ],
  ["a service's application that names itself a probe", { UserAgent: agents.probe }, "row"],
  [
    "a refused token of a program that names itself a probe",
    { ...proxyShapes.probe, UserAgent: agents.probe, GenericInfo: oauthInfo({ OAuthErrorCategory: "InvalidToken" }) },
    "row",
  ],
  ["a person's Outlook", proxyShapes.personsOutlook, "dropped"],
  ["a person's Outlook at EWS", { ...proxyShapes.personsOutlook, Protocol: "Ews" }, "dropped"],
  ["a person with an unknown program", { AuthenticatedUser: sid, UserAgent: "" }, "dropped"],
  ["a person's name with the program of a cloud service", { AuthenticatedUser: sid }, "row"],
  ["the first call of a person's Outlook", { ...proxyShapes.probe, UserAgent: agents.outlook }, "dropped"],
  ["the first call of an unknown program", { ...proxyShapes.probe, UserAgent: "" }, "row"],
  [
    "the first call of an unknown program to another protocol",
    { ...proxyShapes.probe, UserAgent: "", Protocol: "Mapi" },
    "dropped",
  ],
  ["an application at another protocol", { Protocol: "Mapi", UserAgent: "" }, "row"],
  ["forms", rareProxyShapes.forms, "dropped"],
  ["a callback", rareProxyShapes.callback, "row"],
  [
    "no sign-in",
    { AuthenticationType: "", IsAuthenticated: "false", AuthenticatedUser: "", UserAgent: "curl/8.0" },
    "dropped",
  ],
  [
    "the look-up of Teams, which is anonymous",
    { Protocol: "Autodiscover", AuthenticationType: "", IsAuthenticated: "false", AuthenticatedUser: "" },
    "row",
  ],
] as const satisfies readonly (readonly [string, LogCells, string])[])("%s", (_name, cells, kind) => {
  expect(kindOf(cells)).toBe(kind);
});

test.each(["Basic", "NTLM", "Negotiate"])(
  "%s is kept where services call, and dropped elsewhere",
  (AuthenticationType) => {
    const person = { AuthenticationType, AuthenticatedUser: "CONTOSO\\anna", UserAgent: agents.outlook };
    for (const Protocol of ["Ews", "Autodiscover", "RestApi"]) expect(kindOf({ ...person, Protocol })).toBe("row");
    for (const Protocol of ["Mapi", "Owa", "Ecp", "Eas", "Oab", "PowerShell", "RpcHttp"])
      expect(kindOf({ ...person, Protocol })).toBe("dropped");
    expect(kindOf({ ...person, Protocol: "Mapi", UserAgent: agents.teams })).toBe("row");
    expect(kindOf({ ...person, Protocol: "", UrlStem: "/autodiscover/autodiscover.xml" })).toBe("row");
    expect(kindOf({ ...person, Protocol: "", UrlStem: "/mapi/emsmdb" })).toBe("dropped");
  },
);

test.each(["ews", "autodiscover"] as const)("%s: the hop and rows without a request are dropped", (log) => {
  expect(kindOf({}, log)).toBe("row");
  expect(kindOf({ AuthenticationType: "Logon", AuthenticatedUser: "CONTOSO\\EX01$" }, log)).toBe("dropped");
  expect(kindOf({ AuthenticationType: "Negotiate", AuthenticatedUser: "EX01$@contoso.com" }, log)).toBe("dropped");
  expect(kindOf({ AuthenticationType: "NTLM", AuthenticatedUser: "CONTOSO\\anna" }, log)).toBe("row");
  expect(kindOf({ RequestId: "" }, log)).toBe("dropped");
});

test("IIS and HTTP.sys: calls of cloud services and applications to EWS, Autodiscover and REST", () => {
  const iis = (cells: LogCells): string | undefined => readLog(w3cLog("iis", [iisRow(cells)]))[0]?.kind;
  expect(iis({})).toBe("row");
  expect(iis({ "cs-uri-stem": "/owa/" })).toBe("dropped");
  expect(iis({ "cs(User-Agent)": agents.outlook })).toBe("dropped");
  expect(iis({ "cs(User-Agent)": "", "cs-username": `S2S~${skypeId}` })).toBe("row");
  const err = (cells: LogCells): string | undefined => readLog(w3cLog("http-err", [httpErrRow(cells)]))[0]?.kind;
  expect(err({})).toBe("row");
  expect(err({ "cs-uri": "" })).toBe("dropped");
  expect(err({ "cs-uri": "/owa/?a=1" })).toBe("dropped");
});
