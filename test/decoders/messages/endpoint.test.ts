import { expect, test } from "vitest";
import { endpointOf, realmOfStsPath } from "../../../src/decoders/messages/endpoint.ts";

const mail = "mail.contoso.com";
const acs = "accounts.accesscontrol.windows.net";

test.each([
  [mail, "/EWS/Exchange.asmx", "ews"],
  [mail, "/ews/exchange.asmx?x=1", "ews"],
  [mail, "/EWS/Exchange.asmx/WSSecurity", "ews-ws-security"],
  [mail, "/autodiscover/autodiscover.svc", "autodiscover"],
  [mail, "/Autodiscover/Autodiscover.xml", "autodiscover"],
  [mail, "/autodiscover/autodiscover.json?Email=a%40b&Protocol=EWS", "autodiscover"],
  [mail, "/autodiscover/metadata/json/1", "metadata"],
  [mail, "/metadata/json/1", "metadata"],
  [mail, "/Microsoft-Server-ActiveSync?Cmd=Sync", "activesync"],
  [mail, "/mapi/emsmdb/?MailboxId=x", "mapi"],
  [mail, "/rpc/rpcproxy.dll?mail:6001", "rpc"],
  [mail, "/rpcwithcert/rpcproxy.dll", "rpc"],
  [mail, "/OAB/x/oab.xml", "oab"],
  [mail, "/owa/", "owa"],
  [mail, "/ecp", "owa"],
  [mail, "/api/v2.0/me/events", "rest"],
  ["lync.contoso.com", "/ucwa/oauth/v1/applications", "ucwa"],
  ["lync.contoso.com", "/Autodiscover/AutodiscoverService.svc/root/oauth/user", "ucwa"],
  ["lync.contoso.com", "/WebTicket/oauthtoken", "web-ticket"],
  ["lync.contoso.com", "/metadata/json/1", "metadata"],
  [acs, "/5de110f8-2e0f-4d45-891d-bcf2218e253d/tokens/OAuth/2", "sts-token"],
  [acs, "/tokens/OAuth/2", "sts-token"],
  [acs, "/5de110f8-2e0f-4d45-891d-bcf2218e253d/metadata/json/1", "sts-metadata"],
  [acs, "/metadata/json/1/?realm=contoso.com", "sts-metadata"],
  ["login.microsoftonline.com", "/contoso.com/oauth2/token", "sts-token"],
  ["login.microsoftonline.us", "/contoso.com/oauth2/v2.0/token", "sts-token"],
  ["login.windows.net", "/contoso.com/federationmetadata/2007-06/federationmetadata.xml", "sts-metadata"],
  ["login.windows.net", "/common/.well-known/openid-configuration", "sts-metadata"],
  ["login.windows.net", "/common/discovery/keys", "sts-metadata"],
  ["adfs.contoso.com", "/adfs/oauth2/token", "sts-token"],
  [mail, "/", "other"],
  [mail, "*", "other"],
  [mail, "/ewsx/exchange.asmx", "other"],
  [mail, "/x/ews/exchange.asmx", "other"],
  [mail, "/search?q=/tokens/OAuth/2", "other"],
  [mail, "/autodiscoverx", "other"],
] as const)("%s%s is %s", (host, path, endpoint) => {
  expect(endpointOf(host, path)).toBe(endpoint);
});

test.each([
  ["/5de110f8-2e0f-4d45-891d-bcf2218e253d/tokens/OAuth/2", "5de110f8-2e0f-4d45-891d-bcf2218e253d"],
  ["/contoso.com/oauth2/v2.0/token?x=1", "contoso.com"],
  ["/common/oauth2/token", ""],
  ["/adfs/oauth2/token", ""],
  ["/tokens/OAuth/2", ""],
  ["/EWS/Exchange.asmx", ""],
])("the realm in %s is %j", (path, realm) => {
  expect(realmOfStsPath(path)).toBe(realm);
});
