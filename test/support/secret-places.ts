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
    "UTF-16 answer": { answer: Buffer.from(`\ufeff${secret}`, "utf16le") },
  };
}
