import { describe, expect, test } from "vitest";
import { parsePrincipal } from "../../src/core/principals.ts";
import type { ServiceEndpoint, TokenService } from "../../src/decoders/facts.ts";
import { directionOf, nextRoute, type Route, routeOfEndpoint } from "../../src/handshake/direction.ts";

const exchange = "00000002-0000-0ff1-ce00-000000000000";
const scheduler = "7557eb47-c689-4224-abcf-aef9bd7573df";
const dedicated = "5d1c0e4b-3a17-4f0e-9a53-2f7d0f8a6c11";
const tenant = "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa";

function direction(server: string, route: Route | null, callerId = "", tokenService: TokenService | null = null) {
  const caller = callerId === "" ? null : parsePrincipal(`${callerId}@${tenant}`);
  return directionOf({ server, route, caller, tokenService });
}

describe("the direction of a handshake follows the called server", () => {
  test.each<[string, Route, string]>([
    // Exchange Online calls Exchange Server under the application id that both share.
    ["mail.contoso.com", "ews", exchange],
    ["mail.contoso.com", "rest", scheduler],
    ["mail.contoso.com:444", "autodiscover", scheduler],
    ["10.0.0.4", "other", ""],
  ])("%s by %s is inbound", (server, route, caller) => {
    expect(direction(server, route, caller)).toBe("inbound");
  });

  test.each<[string, Route, string]>([
    ["outlook.office365.com", "ews", exchange],
    ["outlook.office365.com:443", "ews", dedicated],
    ["graph.microsoft.com", "graph", dedicated],
    ["dod-graph.microsoft.us", "graph", dedicated],
    ["partner.outlook.cn", "autodiscover", exchange],
    ["webdir.online.lync.com", "ucwa", exchange],
    ["webdir1.online.lync.com", "other", exchange],
    // Skype for Business Server answers under the organisation's own names.
    ["lyncweb.contoso.com", "ucwa", exchange],
  ])("%s by %s is outbound", (server, route, caller) => {
    expect(direction(server, route, caller)).toBe("outbound");
  });

  test.each<[string, TokenService | null, string | null]>([
    [scheduler, "acs", "inbound"],
    [exchange, "acs", "outbound"],
    [dedicated, "entra-v2", "outbound"],
    [dedicated, "acs", null],
    ["", "entra-v1", null],
  ])("of a token request alone, caller %s and service %s tell it", (caller, service, expected) => {
    expect(direction("login.microsoftonline.com", null, caller, service)).toBe(expected);
  });
});

test.each<[ServiceEndpoint, Route | null]>([
  ["ews", "ews"],
  ["ews-ws-security", "ews"],
  ["graph", "graph"],
  ["rest", "rest"],
  ["autodiscover", "autodiscover"],
  ["ucwa", "ucwa"],
  ["mapi", "mapi"],
  ["activesync", "activesync"],
  ["metadata", "other"],
  ["oab", "other"],
  ["sts-token", null],
  ["sts-metadata", null],
])("the endpoint %s is the route %s", (endpoint, route) => {
  expect(routeOfEndpoint(endpoint)).toBe(route);
});

test.each<[Route | null, ServiceEndpoint, Route | null]>([
  [null, "autodiscover", "autodiscover"],
  ["autodiscover", "ews", "ews"],
  ["ews", "autodiscover", "ews"],
  ["ews", "metadata", "ews"],
  ["ews", "rest", "rest"],
  ["ews", "sts-token", "ews"],
  ["other", "autodiscover", "autodiscover"],
  [null, "sts-token", null],
])("after %s, a call to %s makes the route %s", (before, endpoint, after) => {
  expect(nextRoute(before, endpoint)).toBe(after);
});
