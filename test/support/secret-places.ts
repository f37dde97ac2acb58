// Every place of this traffic where a secret can hide, as transactions: captures.md calls them by name.
import { deflateSync, gzipSync } from "node:zlib";
import type { Parts } from "../sanitising/transaction-maker.ts";

/** One transaction for each place, with the secret in it. */
export function secretPlaces(secret: string): Readonly<Record<string, Parts>> {
  const base64 = (text: string | Buffer): string => Buffer.from(text).toString("base64");
  const segment = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = (claims: object, header: object = {}): string =>
    `${segment({ alg: "RS256", typ: "JWT", ...header })}.${segment(claims)}.${Buffer.from(secret).toString("base64url")}`;
  const unsigned = (claims: object): string => `${segment({ alg: "none", typ: "JWT" })}.${segment(claims)}.`;
  const actor = {
    iss: "00000001-0000-0000-c000-000000000000@contoso.example",
    nameid: "00000004-0000-0ff1-ce00-000000000000@contoso.example",
  };
  const ntlm = (type: number): string => {
    const bytes = Buffer.alloc(120);
    bytes.write("NTLMSSP\0", "latin1");
    bytes.writeUInt32LE(type, 8);
    bytes.write(secret, 64, "utf16le");
    return bytes.toString("base64");
  };
  const xml = { "content-type": "text/xml; charset=utf-8" };
  const fields = (headers: Record<string, string>): [string, string][] => Object.entries(headers);
  const request = (name: string, value: string): Parts => ({ headers: [[name, value]] });
  const answer = (name: string, value: string): Parts => ({ answerHeaders: [[name, value]] });
  const form = (text: string): Parts => ({
    target: "/tokens/OAuth/2",
    headers: fields({ "content-type": "application/x-www-form-urlencoded" }),
    body: text,
  });
  const json = (value: object): Parts => ({
    target: "/tokens/OAuth/2",
    answerHeaders: fields({ "content-type": "application/json" }),
    answer: JSON.stringify(value),
  });
  const soap = (inside: string): Parts => ({
    headers: fields(xml),
    body: `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">${inside}</s:Envelope>`,
  });

  return {
    "Bearer signature": request("Authorization", `Bearer ${signed(actor)}`),
    "opaque Bearer token": request("Authorization", `Bearer ${secret}`),
    "BEARER in capitals": request("Authorization", `BEARER  ${secret}`),
    "Basic password": request("Authorization", `Basic ${base64(`svc:${secret}`)}`),
    "Basic user": request("Authorization", `Basic ${base64(`${secret}@contoso.example:pw`)}`),
    "Basic user of a domain": request("Authorization", `Basic ${base64(`CONTOSO\\${secret}:pw`)}`),
    "Basic that is not base64": request("Authorization", `Basic ${secret}!`),
    "NTLM authenticate": request("Authorization", `NTLM ${ntlm(3)}`),
    "NTLM challenge": answer("WWW-Authenticate", `NTLM ${ntlm(2)}`),
    "Negotiate with NTLM": request("Authorization", `Negotiate ${ntlm(3)}`),
    Negotiate: request("Authorization", `Negotiate ${base64(`\x60\x40\x06\x06+\x06\x01\x05\x05\x02${secret}`)}`),
    Digest: request("Authorization", `Digest username="${secret}", response="${secret}"`),
    "no scheme": request("Authorization", secret),
    "a raw token without scheme": request("Authorization", signed(actor)),
    "unknown scheme": request("Authorization", `Turbo ${secret}`),
    "two credentials in one field": request("Authorization", `Bearer ${signed(actor)}, Basic ${base64(`a:${secret}`)}`),
    "Proxy-Authorization": request("Proxy-Authorization", `Basic ${base64(`proxy:${secret}`)}`),
    Cookie: request("Cookie", `ClientId=abc; X-OWA-CANARY=${secret}`),
    "Cookie without a name": request("Cookie", secret),
    "a token in a cookie": request(
      "Cookie",
      `ClientId=abc; session=${signed({ ...actor, upn: `${secret}@c.example` })}`,
    ),
    "a token after Bearer in a cookie": request("Cookie", `session=Bearer%20${signed({ ...actor, deep: secret })}`),
    "a token in Set-Cookie": answer("Set-Cookie", `session=${signed({ ...actor, name: secret })}; Path=/; HttpOnly`),
    "a token in a field of the answer": answer("X-New-Token", `Bearer ${signed({ ...actor, email: secret })}`),
    "a token in Location": answer(
      "Location",
      `https://contoso.example/cb?id_token=${signed({ ...actor, sub: secret })}`,
    ),
    "a token in an answer nobody knows": {
      target: "/api/session",
      answerHeaders: fields({ "content-type": "application/json" }),
      answer: JSON.stringify({ token: signed({ ...actor, preferred_username: `${secret}@c.example` }), more: secret }),
    },
    "X-MS-WebTicket": request("X-MS-WebTicket", `opaque=${secret}`),
    "X-CommonAccessToken": request("X-CommonAccessToken", base64(secret)),
    "X-BackEndCookie": request("X-BackEndCookie", secret),
    "a field nobody knows": request("X-New-Thing", secret),
    "a field's name": request(`X-${secret}: `, "1"),
    "Sec-WebSocket-Protocol": request("Sec-WebSocket-Protocol", `chat, authorization.bearer.${signed(actor)}`),
    Referer: request("Referer", `https://contoso.example/x?code=${secret}`),
    "mailbox in X-AnchorMailbox": request("X-AnchorMailbox", `${secret}@contoso.example`),
    "a token in User-Agent": request("User-Agent", `App/1 ${signed(actor)}`),
    "Set-Cookie": answer("Set-Cookie", `sid=${secret}; Path=/; HttpOnly`),
    "Authentication-Info": answer("Authentication-Info", `rspauth="${secret}"`),
    Location: answer("Location", `https://u:${secret}@contoso.example/cb?code=${secret}#access_token=${secret}`),
    "diagnostics with an address": answer("x-ms-diagnostics", `2000005;reason="The user ${secret}@contoso.example"`),
    "query value": { target: `/owa/?sig=${secret}` },
    "query name": { target: `/owa/?${secret}` },
    "token in the query": { target: `/owa/?access_token=${signed(actor)}` },
    "address in the path": { target: `/Autodiscover/${secret}@contoso.example/x` },
    fragment: { target: `/owa/#${secret}` },
    assertion: form(`grant_type=x&assertion=${signed(actor)}`),
    "opaque assertion": form(`grant_type=x&assertion=${secret}`),
    client_secret: form(`grant_type=client_credentials&client_id=a&client_secret=${secret}`),
    "password grant": form(`grant_type=password&username=${secret}@contoso.example&password=${secret}`),
    "form field nobody knows": form(`grant_type=x&thing=${secret}`),
    "form without a type": { target: "/tokens/OAuth/2", body: `password=${secret}` },
    "multipart form": {
      headers: fields({ "content-type": "multipart/form-data; boundary=b" }),
      body: `--b\r\n${secret}`,
    },
    access_token: json({ access_token: signed(actor), token_type: "Bearer" }),
    "opaque access_token": json({ access_token: secret }),
    refresh_token: json({ access_token: "x", refresh_token: secret }),
    "JSON in a JSON string": json({ access_token: "x", more: JSON.stringify({ password: secret }) }),
    "nested JSON": json({ a: { b: [{ c: secret }] } }),
    "JSON member's name": json({ [secret]: 1 }),
    "error description": json({ error: "invalid_grant", error_description: `AADSTS50126: ${secret}` }),
    "private key in a key set": json({ keys: [{ kty: "RSA", n: "AQAB", e: "AQAB", d: secret, p: secret, k: secret }] }),
    "claim of a person": request(
      "Authorization",
      `Bearer ${unsigned({ ...actor, smtp: `${secret}@contoso.example` })}`,
    ),
    "claim nobody knows": request(
      "Authorization",
      `Bearer ${unsigned({ ...actor, ipaddr: secret, deep: { a: secret } })}`,
    ),
    "hidden duplicate claim": request(
      "Authorization",
      `Bearer ${segment({ alg: "none" })}.${Buffer.from(`{"upn":"${secret}","iss":"a","upn":"b"}`).toString("base64url")}.`,
    ),
    "claim object under a kept name": request("Authorization", `Bearer ${unsigned({ ...actor, aud: { x: secret } })}`),
    "token header": request("Authorization", `Bearer ${signed(actor, { jwk: { k: secret } })}`),
    "actor token's signature": request("Authorization", `Bearer ${unsigned({ ...actor, actortoken: signed(actor) })}`),
    "actor token's claim": request(
      "Authorization",
      `Bearer ${unsigned({ ...actor, actortoken: unsigned({ ...actor, upn: secret }) })}`,
    ),
    "encrypted token": request(
      "Authorization",
      `Bearer ${segment({ alg: "RSA-OAEP", enc: "A256GCM" })}.${secret}.b.c.d`,
    ),
    "WS-Security password": soap(`<s:Header><o:Security><o:Password>${secret}</o:Password></o:Security></s:Header>`),
    "SAML signature": soap(`<s:Header><ds:SignatureValue>${secret}</ds:SignatureValue></s:Header>`),
    "impersonated mailbox": soap(
      `<s:Header><t:PrimarySmtpAddress>${secret}@c.example</t:PrimarySmtpAddress></s:Header>`,
    ),
    "mail subject": soap(`<s:Body><m:CreateItem><t:Subject>${secret}</t:Subject></m:CreateItem></s:Body>`),
    "XML attribute": soap(`<s:Body><m:GetItem><t:ItemId Id="${secret}" ChangeKey='${secret}'/></m:GetItem></s:Body>`),
    "folder id": soap(`<s:Body><m:GetFolder><t:DistinguishedFolderId Id="${secret}"/></m:GetFolder></s:Body>`),
    "response code element": soap(`<s:Body><m:X><m:ResponseCode>${secret}</m:ResponseCode></m:X></s:Body>`),
    CDATA: soap(`<s:Body><m:X><![CDATA[${secret}]]></m:X></s:Body>`),
    "XML comment": soap(`<!-- ${secret} --><s:Body><m:X/></s:Body>`),
    "SOAP answer": { answerHeaders: fields(xml), answer: `<a><b>${secret}</b></a>` },
    "HTML answer": { answerHeaders: fields({ "content-type": "text/html" }), answer: `<p>${secret}</p>` },
    "plain answer": { answer: secret },
    "binary answer": { answer: Buffer.from([0, 255, ...Buffer.from(secret)]) },
    "gzip answer": { answer: gzipSync(secret) },
    "deflate answer": { answer: deflateSync(secret) },
    ...userInfoPlaces(secret, { request, answer, form, json, unsigned: (claims) => unsigned({ ...actor, ...claims }) }),
    ...peoplePlaces(secret, { request, answer, unsigned: (claims) => unsigned({ ...actor, ...claims }) }),
    ...chancePlaces(secret, { request, answer, form, json, unsigned: (claims) => unsigned({ ...actor, ...claims }) }),
    "UTF-16 answer": { answer: Buffer.from(`\ufeff${secret}`, "utf16le") },
  };
}

interface Makers {
  readonly request: (name: string, value: string) => Parts;
  readonly answer: (name: string, value: string) => Parts;
  readonly form: (text: string) => Parts;
  readonly json: (value: object) => Parts;
  readonly unsigned: (claims: object) => string;
}

/** A password before the `@` of a URL, wherever a URL can stand. */
function userInfoPlaces(secret: string, { request, answer, form, json, unsigned }: Makers): Record<string, Parts> {
  const url = `https://svc:${secret}@contoso.example/EWS/`;
  const coded = encodeURIComponent(url);
  return {
    "user info of the request's own URL": { target: url },
    "user info with an @ in the password": { target: `https://svc:a@${secret}@contoso.example/EWS/` },
    "user info with a slash in the password": { target: `https://svc:a/${secret}@contoso.example/EWS/` },
    "user info with a ? in the password": { target: `https://svc:a?${secret}@contoso.example/EWS/` },
    "user info without a user": { target: `https://:${secret}@contoso.example/EWS/` },
    "user info without a password": { target: `https://${secret}@contoso.example/EWS/` },
    "user info of another scheme": { target: `wss://svc:${secret}@contoso.example/` },
    "user info without a scheme": { target: `//svc:${secret}@contoso.example/EWS/` },
    "user info inside a path": { target: `/proxy/https://svc:${secret}@contoso.example/` },
    "user info percent-coded in a path": { target: `/proxy/${coded}` },
    "user info in the target of CONNECT": { target: `svc:${secret}@contoso.example:443` },
    "user info in a query that is kept": { target: `/x?resource=${coded}` },
    "user info in the name of a query": { target: `/x?${coded}=1` },
    "user info in Host": request("Host", `svc:${secret}@contoso.example`),
    "user info in Referer": request("Referer", `https://svc:b@${secret}@contoso.example/`),
    "user info in Origin": request("Origin", `https://svc:${secret}@contoso.example`),
    "user info in Link": answer("Link", `<${url}>; rel="next"`),
    "user info in a relative Location": answer("Location", `//svc:${secret}@contoso.example/`),
    "user info in SOAPAction": request("SOAPAction", `"${url}"`),
    "user info in User-Agent": request("User-Agent", `bot/1.0 (+${url})`),
    "user info in Via": answer("Via", `1.1 svc:${secret}@proxy:8080`),
    "user info in a challenge": answer("WWW-Authenticate", `Bearer authorization_uri="${url}"`),
    "user info in diagnostics": answer("x-ms-diagnostics", `2000001;reason="No answer from ${url}."`),
    "user info coded in diagnostics": answer("x-ms-diagnostics", `2000001;reason="No answer from ${coded}."`),
    "user info without slashes in diagnostics": answer(
      "x-ms-diagnostics",
      `2000001;reason="The proxy svc:${secret}@proxy.contoso.example failed."`,
    ),
    "user info in a form": form(`grant_type=x&resource=${coded}`),
    "user info in JSON": json({ access_token: "x", resource: url }),
    "user info in a metadata document": json({ keys: [], endpoints: [{ location: url, protocol: "OAuth2" }] }),
    "user info in a claim": request("Authorization", `Bearer ${unsigned({ scope: url })}`),
    "user info coded in a claim": request("Authorization", `Bearer ${unsigned({ scope: coded })}`),
  };
}

/** A person in a path or in words that are kept, in every coding, and nowhere else. */
function peoplePlaces(
  secret: string,
  { request, answer, unsigned }: Omit<Makers, "form" | "json">,
): Record<string, Parts> {
  const address = `${secret}@contoso.example`;
  const twice = encodeURIComponent(encodeURIComponent(address));
  const base64 = Buffer.from(address).toString("base64");
  const wide = Buffer.from(address, "utf16le").toString("base64");
  const escaped = address.replace("@", "\\u0040");
  const entity = address.replace("@", "&#64;");
  const legacy = `/o=Contoso/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=${secret}`;
  const forms: Record<string, string> = {
    "percent-coded address": encodeURIComponent(address),
    "address that is coded twice": twice,
    "address that is coded three times": encodeURIComponent(twice),
    "address in small percent coding": address.replace("@", "%40").replace("-", "%2d"),
    "address whose letters are coded": [...Buffer.from(address)].map((byte) => `%${byte.toString(16)}`).join(""),
    "address with a plus": `a+${secret}@contoso.example`,
    "address without a domain of more labels": `${secret}@contoso`,
    "address at an IP address": `${secret}@192.0.2.1`,
    "address in base64": base64.replaceAll("/", "_"),
    "address in UTF-16 and base64": wide.replaceAll("/", "_"),
    "address in base64url": Buffer.from(address).toString("base64url"),
    "address with a JSON escape": escaped,
    "address with an entity": entity,
    "SIP address": `sip:${address}`,
    "SIP address that is coded": `sip%3A${encodeURIComponent(address)}`,
    "SIP address without a domain": `sip:${secret}`,
    "SMTP address": `SMTP:${address}`,
    "account of a domain": `FABRIKAM%5C${secret}`,
    "account of a domain that is coded twice": `FABRIKAM%255C${secret}`,
    "account with its backslash": `FABRIKAM\\${secret}`,
    "legacy name": legacy,
    "legacy name that is coded": encodeURIComponent(legacy),
    "directory name": `CN=${secret},OU=Users,DC=contoso,DC=example`,
  };
  const places = Object.entries(forms).flatMap(([name, form]): [string, Parts][] => [
    [`${name} in a path`, { target: `/autodiscover/autodiscover.json/v1.0/${form}` }],
    [`${name} within a path`, { target: `/owa/${form}/x?a=b` }],
    [`${name} in diagnostics`, answer("x-ms-diagnostics", `2000005;reason="The user ${form} was not found."`)],
  ]);
  return {
    ...Object.fromEntries(places),
    "key of OData": { target: `/api/v2.0/Users('${encodeURIComponent(address)}')/messages` },
    "key of OData with an @": { target: `/api/v2.0/Users('${address}')/messages` },
    "key of OData without a domain": { target: `/api/v2.0/Users('${secret}')/messages` },
    "Graph path": { target: `/v1.0/users/${address}/messages` },
    "Graph path with an account": { target: `/users/FABRIKAM%5C${secret}` },
    "Graph path with a name alone": { target: `/v1.0/users/${secret}/messages` },
    "matrix parameter": { target: `/owa/x;user=${encodeURIComponent(address)}/y` },
    "address as the name in a query": { target: `/owa/?${encodeURIComponent(address)}=1` },
    "address in a fragment": { target: `/owa/#${encodeURIComponent(address)}` },
    "coded address in Location": answer("Location", `https://contoso.example/owa/${encodeURIComponent(address)}/`),
    "coded address in Referer": request("Referer", `https://contoso.example/owa/${encodeURIComponent(address)}/`),
    "coded address in User-Agent": request("User-Agent", `Client/1.0 (${encodeURIComponent(address)})`),
    "coded address in a claim": request("Authorization", `Bearer ${unsigned({ scope: encodeURIComponent(address) })}`),
    "account in a claim": request("Authorization", `Bearer ${unsigned({ scope: `FABRIKAM\\${secret}` })}`),
    "account in diagnostics": answer("x-ms-diagnostics", `2000005;reason="FABRIKAM\\${secret} is unknown."`),
  };
}

/** Text drawn by chance where a name belongs. */
function chancePlaces(secret: string, { request, answer, form, json, unsigned }: Makers): Record<string, Parts> {
  return {
    "Content-Type parameter": request("Content-Type", `text/xml; charset=utf-8; x=${secret}`),
    "boundary of a Content-Type": request("Content-Type", `multipart/form-data; boundary=${secret}`),
    "quoted boundary": request("Content-Type", `multipart/form-data; boundary="${secret}"`),
    "charset of a Content-Type": answer("Content-Type", `text/html; charset=${secret}`),
    "Content-Type without a type": answer("Content-Type", secret),
    "subtype of a Content-Type": answer("Content-Type", `text/${secret}`),
    "name of a Content-Type parameter": answer("Content-Type", `text/html; ${secret}=1`),
    "Accept parameter": request("Accept", `text/xml;key=${secret}, */*`),
    "Cache-Control": answer("Cache-Control", `private="${secret}"`),
    Connection: request("Connection", `close, ${secret}`),
    "Accept-Language": request("Accept-Language", secret),
    Date: answer("Date", secret),
    Server: answer("Server", `IIS/10.0 (${secret})`),
    Via: answer("Via", `1.1 ${secret} (squid)`),
    "comment of Via": answer("Via", `1.1 proxy (${secret})`),
    Origin: request("Origin", `http://${secret}:8080`),
    "User-Agent": request("User-Agent", `Client/1.0 (${secret})`),
    "name of a server": answer("X-FEServer", secret),
    "path segment": { target: `/owa/${secret}/x` },
    "coded path segment": { target: `/owa/${secret}%21%24/x` },
    "query name with a value": { target: `/owa/?${secret}=1` },
    "query value that is kept": { target: `/owa/?realm=${secret}` },
    "name of a cookie": request("Cookie", `${secret}=1`),
    "method of a request": { headers: [["X-HTTP-Method-Override", secret]] },
    "scope of a form": form(`grant_type=x&scope=${secret}`),
    "scope of an answer": json({ access_token: "x", scope: secret }),
    "name of a claim": request("Authorization", `Bearer ${unsigned({ [secret]: 1 })}`),
    "parameter of a challenge": answer("WWW-Authenticate", `Digest realm="contoso.example", nonce="${secret}"`),
    "name of an element": { answerHeaders: [["content-type", "text/xml"]], answer: `<a><${secret}/></a>` },
    "Basic in diagnostics": answer(
      "x-ms-diagnostics",
      `2000001;reason="Refused: Authorization: Basic ${Buffer.from(`svc:${secret}`).toString("base64")}"`,
    ),
    "password in diagnostics": answer("x-ms-diagnostics", `2000001;reason="user=svc password=${secret}"`),
    "Bearer in diagnostics": answer("x-ms-diagnostics", `2000001;reason="Refused: Bearer ${secret}"`),
    "cookie in diagnostics": answer("x-ms-diagnostics", `2000001;reason="Set-Cookie: sid=${secret}"`),
    "X-EWS-Policy-Reason": answer("X-EWS-Policy-Reason", secret),
  };
}
