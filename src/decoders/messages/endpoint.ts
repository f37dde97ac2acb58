import { microsoftHost } from "../../core/microsoft-hosts.ts";
import type { ServiceEndpoint } from "../facts.ts";
import { isTokenServiceHost } from "../tokens/token-kind.ts";

// First match wins; paths are compared in lower case and without query. Virtual directories: default-virtual-directory-settings
// of the Exchange documentation; the others as the procedures name them.
const paths: readonly (readonly [ServiceEndpoint, RegExp])[] = [
  ["ews-ws-security", /^\/ews\/exchange\.asmx\/wssecurity/],
  ["ews", /^\/ews(?:\/|$)/],
  ["metadata", /^(?:\/autodiscover)?\/metadata\/json(?:\/|$)/],
  // Discovery of Skype for Business Server has a path with the same beginning as that of Exchange.
  ["ucwa", /^\/autodiscover\/autodiscoverservice\.svc(?:\/|$)/],
  ["autodiscover", /^\/autodiscover(?:\/|$)/],
  ["activesync", /^\/microsoft-server-activesync(?:\/|$)/],
  ["mapi", /^\/mapi(?:\/|$)/],
  ["rpc", /^\/rpc(?:withcert)?(?:\/|$)/],
  ["oab", /^\/oab(?:\/|$)/],
  ["owa", /^\/(?:owa|ecp)(?:\/|$)/],
  ["rest", /^\/api\/(?:v[0-9]|beta)/],
  ["ucwa", /^\/ucwa(?:\/|$)/],
  ["web-ticket", /^\/webticket(?:\/|$)/],
  ["sts-token", /\/tokens\/oauth\/2\/?$/],
  ["sts-token", /\/oauth2(?:\/v2\.0)?\/token\/?$/],
  ["sts-metadata", /\/metadata\/json\/[0-9]+\/?$/],
  ["sts-metadata", /\/federationmetadata\//],
  ["sts-metadata", /\/\.well-known\/openid-configuration$/],
  ["sts-metadata", /\/discovery\/(?:v2\.0\/)?keys$/],
];

/** The service of a request by its path; the host tells the metadata of a token service from that of a server. */
export function endpointOf(host: string, path: string): ServiceEndpoint {
  if (microsoftHost(host)?.service === "graph") return "graph";
  const end = path.search(/[?#]/);
  const plain = (end === -1 ? path : path.slice(0, end)).slice(0, 512).toLowerCase();
  const found = paths.find(([, pattern]) => pattern.test(plain))?.[0] ?? "other";
  return found === "metadata" && isTokenServiceHost(host) ? "sts-metadata" : found;
}

/** The tenant or domain in a token service's path (`/<tenant>/tokens/OAuth/2`); empty when there is none. */
export function realmOfStsPath(path: string): string {
  const segment = /^\/([^/?#]{1,253})\/(?:tokens\/oauth\/2|oauth2\/)/i.exec(path)?.[1] ?? "";
  return segment === "common" || segment === "adfs" ? "" : segment;
}
