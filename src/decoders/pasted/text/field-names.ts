// The header fields by which pasted text is recognised, and which half of an exchange each of them belongs to.

export type Side = "request" | "response";

const ofRequests =
  "accept accept-charset accept-encoding accept-language authorization client-request-id cookie expect host if-match if-modified-since if-none-match origin prefer proxy-authorization range referer return-client-request-id sec-fetch-dest sec-fetch-mode sec-fetch-site soapaction te upgrade-insecure-requests user-agent x-anchormailbox x-client-sku x-client-ver x-clientapplication x-forwarded-for x-forwarded-proto x-mapi-clientinfo x-ms-client-request-id x-owa-actionname x-owa-canary x-preferserveraffinity x-requested-with x-user-identity";
const ofResponses =
  "access-control-allow-origin age alt-svc etag expires last-modified location ms-author-via nel p3p persistent-auth proxy-authenticate proxy-status report-to request-id retry-after server set-cookie strict-transport-security vary www-authenticate x-aspnet-version x-aspnetmvc-version x-backendhttpstatus x-beserver x-besku x-cache x-calculatedbetarget x-calculatedfetarget x-content-type-options x-diaginfo x-ews-policy-reason x-feefzinfo x-feproxyinfo x-feserver x-frame-options x-iids x-ms-ags-diagnostic x-ms-appid x-ms-correlation-id x-ms-diagnostics x-ms-diagnostics-from-backend x-ms-ests-server x-ms-request-id x-nanoproxy x-owa-version x-powered-by x-proxy-errorcode x-proxy-errormessage x-redirect x-rum-validated x-serialization-status x-soap-enabled x-squid-error x-tracecid x-wsdl-enabled x-wssecurity-enabled x-wssecurity-symmetrickey-enabled x-wssecurity-x509cert-enabled x-oauth-enabled";
const ofBoth =
  "allow cache-control connection content-encoding content-language content-length content-type date keep-alive mime-version pragma proxy-connection trailer transfer-encoding upgrade via warning";

const sides: ReadonlyMap<string, Side | null> = new Map([
  ...ofRequests.split(" ").map((name) => [name, "request"] as const),
  ...ofResponses.split(" ").map((name) => [name, "response"] as const),
  ...ofBoth.split(" ").map((name) => [name, null] as const),
]);

/** Fields whose value alone is worth reading. */
const telling: ReadonlySet<string> = new Set([
  ...["authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate"],
  ...["x-ms-diagnostics", "x-ms-diagnostics-from-backend", "x-ews-policy-reason"],
]);

export function isKnownField(name: string): boolean {
  return sides.has(name.toLowerCase());
}

export function isTellingField(name: string): boolean {
  return telling.has(name.toLowerCase());
}

/** The half that alone has this field; null for fields of both and unknown ones. */
export function sideOfField(name: string): Side | null {
  return sides.get(name.toLowerCase()) ?? null;
}

const longestName = Math.max(...[...sides.keys()].map((name) => name.length));
const byEnding = new Map<string, string[]>();
for (const name of sides.keys()) {
  const ending = name.slice(-2);
  byEnding.set(
    ending,
    [...(byEnding.get(ending) ?? []), name].sort((a, b) => b.length - a.length),
  );
}

/** The longest known name that ends at `end`, in lower case; empty when there is none. Looks back a bounded distance. */
export function fieldNameBefore(text: string, end: number): string {
  const tail = text.slice(Math.max(0, end - longestName), end).toLowerCase();
  return byEnding.get(tail.slice(-2))?.find((name) => tail.endsWith(name)) ?? "";
}
