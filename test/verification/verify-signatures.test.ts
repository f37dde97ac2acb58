// Real keys, real certificates, real signatures; metadata documents in the spellings that token services use.
import { createHash, createHmac, createPrivateKey, type KeyObject, sign, X509Certificate } from "node:crypto";
import { CompactSign, exportJWK } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import type { SignatureCheck } from "../../src/core/capture-event.ts";
import type { TransactionFacts } from "../../src/decoders/facts.ts";
import { decodeTransaction } from "../../src/decoders/messages/decode-transaction.ts";
import { decodeMetadata } from "../../src/decoders/messages/metadata-document.ts";
import { startVerification } from "../../src/verification/verify-signatures.ts";
import { actorClaims, compact, exchange, sfbOnline, sts, tenant, unsignedHeader } from "../decoders/token-maker.ts";
import { transaction } from "../decoders/transaction-maker.ts";
import { buildTestCertificate } from "../support/proxy-certificates.ts";

let key: KeyObject;
let certificate: X509Certificate;
let x5t = "";
let actor = "";
let outer = "";
beforeAll(async () => {
  const made = buildTestCertificate({ hosts: ["sts.test"] });
  key = createPrivateKey(made.key);
  certificate = new X509Certificate(made.cert);
  x5t = createHash("sha1").update(certificate.raw).digest("base64url");
  actor = await signed({ x5t }, actorClaims);
  outer = compact(unsignedHeader, { iss: `${sfbOnline}@${tenant}`, aud: actorClaims.aud, actortoken: actor }, "");
});

function signed(header: object, claims: object): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(claims));
  return new CompactSign(text).setProtectedHeader({ typ: "JWT", alg: "RS256", ...header }).sign(key);
}

const tokenService = { scheme: "https", host: "accounts.accesscontrol.windows.net" } as const;
const der = (): string => certificate.raw.toString("base64");
const issuer = `${sts}@${tenant}`;
const call = (token: string): TransactionFacts =>
  decodeTransaction(transaction({ request: [["Authorization", `Bearer ${token}`]] }));
const published = (document: object): TransactionFacts =>
  decodeTransaction(
    transaction({
      host: "accounts.accesscontrol.windows.net",
      target: `/${tenant}/metadata/json/1`,
      response: [["Content-Type", "application/json"]],
      responseBody: JSON.stringify(document),
    }),
  );
const usual = (): object => ({
  version: "1.0",
  name: "accounts.accesscontrol.windows.net",
  realm: tenant,
  issuer,
  keys: [{ usage: "signing", keyinfo: { x5t }, keyvalue: { type: "x509Certificate", value: der() } }],
});

async function checks(...facts: readonly TransactionFacts[]): Promise<readonly SignatureCheck[]> {
  const verifier = startVerification({});
  const all: SignatureCheck[] = [];
  for (const [index, each] of facts.entries())
    all.push(...(await verifier.accept(`t${index + 1}`, each, tokenService)));
  return all;
}

describe("whose keys count", () => {
  const outcomeWith = async (place: { scheme: "http" | "https"; host: string } | null): Promise<SignatureCheck> => {
    const verifier = startVerification({});
    await verifier.accept("t1", published(usual()), place);
    const [check] = await verifier.accept("t2", call(actor), { scheme: "https", host: "mail.contoso.com" });
    if (check === undefined) throw new Error("the token was not checked");
    return check;
  };

  test.each(["accounts.accesscontrol.windows.net", "login.microsoftonline.com", "login.partner.microsoftonline.cn"])(
    "a token service that was reached over TLS: %s",
    async (host) => {
      expect(await outcomeWith({ scheme: "https", host })).toMatchObject({ outcome: "verified", keyHost: host });
    },
  );

  test.each([
    ["without TLS", { scheme: "http", host: "accounts.accesscontrol.windows.net" }],
    ["another host in scope", { scheme: "https", host: "mail.contoso.com" }],
    ["a host that only begins like one", { scheme: "https", host: "accounts.accesscontrol.windows.net.evil.example" }],
    ["a host that only ends like one", { scheme: "https", host: "evilaccounts-accesscontrol.windows.net" }],
    ["an address", { scheme: "https", host: "203.0.113.7" }],
    ["nothing known of where it was", null],
  ] as const)("not %s", async (_name, place) => {
    expect(await outcomeWith(place)).toMatchObject({ outcome: "no-key", keySource: null });
  });
});

describe("three different answers", () => {
  test("verified, with the key of the document that was seen before", async () => {
    expect(await checks(published(usual()), call(actor))).toEqual([
      {
        transactionId: "t2",
        token: "authorization",
        outcome: "verified",
        keyId: x5t,
        keySource: "sts-metadata",
        keyHost: tokenService.host,
      },
    ]);
  });

  test("no key known", async () => {
    expect(await checks(call(actor))).toEqual([
      { transactionId: "t1", token: "authorization", outcome: "no-key", keyId: x5t, keySource: null },
    ]);
  });

  test.each(["claims", "header", "signature"])("failed, when the %s was changed", async (part) => {
    const [header = "", claims = "", signature = ""] = actor.split(".");
    const changed = {
      claims: [
        header,
        compact({}, { ...actorClaims, nameid: `7557eb47-c689-4224-abcf-aef9bd7573df@${tenant}` }).split(".")[1],
        signature,
      ],
      header: [compact({ alg: "RS256", x5t, typ: "jwt" }, {}).split(".")[0], claims, signature],
      signature: [header, claims, `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`],
    }[part];
    expect(await checks(published(usual()), call((changed ?? []).join(".")))).toMatchObject([{ outcome: "failed" }]);
  });
});

test("the actor token inside an unsigned outer token is the one that is checked", async () => {
  expect(await checks(published(usual()), call(outer))).toMatchObject([
    { token: "authorization/actor", outcome: "verified" },
  ]);
});

test("a token that came before its key is checked when the key comes", async () => {
  expect(await checks(call(actor), call(outer), published(usual()))).toMatchObject([
    { transactionId: "t1", token: "authorization", outcome: "no-key" },
    { transactionId: "t2", token: "authorization/actor", outcome: "no-key" },
    { transactionId: "t1", token: "authorization", outcome: "verified" },
    { transactionId: "t2", token: "authorization/actor", outcome: "verified" },
  ]);
});

test("the same token is told once, however often it is sent", async () => {
  expect(await checks(published(usual()), call(actor), call(actor), call(actor))).toHaveLength(1);
});

describe("documents of token services", () => {
  const entry = (): object => ({ usage: "signing", keyvalue: { type: "x509Certificate", value: der() } });
  test.each<[string, () => object]>([
    ["without keyinfo, the thumbprint is computed", () => ({ ...usual(), keys: [entry()] })],
    ["with a padded thumbprint", () => ({ ...usual(), keys: [{ ...entry(), keyinfo: { x5t: `${x5t}=` } }] })],
    [
      "with member names in other letter case",
      () => ({
        Issuer: issuer,
        Realm: tenant,
        Keys: [{ Usage: "Signing", KeyValue: { Type: "x509Certificate", Value: der() } }],
      }),
    ],
    [
      "with line breaks in the certificate",
      () => ({
        ...usual(),
        keys: [{ ...entry(), keyvalue: { type: "x509Certificate", value: der().replace(/.{64}/g, "$&\r\n") } }],
      }),
    ],
    [
      "with another, unreadable certificate first",
      () => ({
        ...usual(),
        keys: [{ usage: "signing", keyvalue: { type: "x509Certificate", value: "AAAA" } }, entry()],
      }),
    ],
    ["a JSON web key set with x5c (RFC 7517 4.7)", () => ({ keys: [{ kty: "RSA", use: "sig", x5t, x5c: [der()] }] })],
  ])("%s", async (_name, document) => {
    expect(await checks(published(document()), call(actor))).toMatchObject([{ outcome: "verified" }]);
  });

  test("a key of another issuer's document checks nothing", async () => {
    const foreign = { ...usual(), issuer: `${exchange}@${tenant}` };
    expect(await checks(published(foreign), call(actor))).toMatchObject([{ outcome: "no-key" }]);
  });

  test("a key for encryption checks nothing", async () => {
    const document = {
      ...usual(),
      keys: [{ usage: "encryption", keyvalue: { type: "x509Certificate", value: der() } }],
    };
    expect(await checks(published(document), call(actor))).toMatchObject([{ outcome: "no-key" }]);
  });
});

// github.com/justinlettau/azure-ad-verify-token/issues/5: the signature is made over the header with the base64url SHA-256 of the
// nonce in it, and the header is sent with the nonce itself.
describe("a token for Microsoft Graph with a nonce in its header", () => {
  const claims = {
    aud: "https://graph.microsoft.com",
    iss: `https://sts.windows.net/${tenant}/`,
    appid: sfbOnline,
    idtyp: "app",
    ver: "1.0",
  };
  const nonce = "AQABAAAAAABnfiG-mA6NTae7CdWW7QfdAA";
  const keySet = (): object => ({ keys: [{ kty: "RSA", use: "sig", kid: x5t, x5t, x5c: [der()] }] });
  const withNonce = async (signedNonce: string): Promise<string> => {
    const header = (value: string): object => ({ typ: "JWT", alg: "RS256", nonce: value, x5t, kid: x5t });
    const [, payload, signature] = (await signed(header(signedNonce), claims)).split(".");
    return [compact(header(nonce), {}).split(".")[0], payload, signature].join(".");
  };

  test("is verified over the digest of the nonce", async () => {
    const token = await withNonce(createHash("sha256").update(nonce).digest("base64url"));
    expect(await checks(published(keySet()), call(token))).toMatchObject([{ outcome: "verified" }]);
  });

  test("is verified over the nonce itself, too", async () => {
    expect(await checks(published(keySet()), call(await withNonce(nonce)))).toMatchObject([{ outcome: "verified" }]);
  });

  test("fails when the nonce is another one", async () => {
    const token = await withNonce(createHash("sha256").update("another").digest("base64url"));
    expect(await checks(published(keySet()), call(token))).toMatchObject([{ outcome: "failed" }]);
  });
});

describe("keys that the user gives", () => {
  test("--metadata", async () => {
    const document = decodeMetadata(JSON.stringify(usual()));
    if (!document.ok) throw new Error(document.problem);
    const verifier = startVerification({ metadata: [document.value] });
    expect(await verifier.accept("t1", call(actor), null)).toMatchObject([
      { outcome: "verified", keySource: "metadata-file" },
    ]);
  });

  test.each<[string, () => Uint8Array]>([
    ["PEM", () => Buffer.from(certificate.toString())],
    ["PEM with text around it", () => Buffer.from(`Bag Attributes\n${certificate.toString()}\n`)],
    ["DER", () => certificate.raw],
  ])("--auth-cert as %s checks what Exchange issues itself", async (_name, file) => {
    const verifier = startVerification({ authCertificates: [file()] });
    const self = `${exchange}@${tenant}`;
    const assertion = await signed(
      { x5t },
      { iss: self, nameid: self, aud: `${sts}/accounts.accesscontrol.windows.net@${tenant}` },
    );
    expect(verifier.problems).toEqual([]);
    expect(await verifier.accept("t1", call(assertion), null)).toMatchObject([
      { outcome: "verified", keySource: "auth-certificate" },
    ]);
  });

  // "Microsoft identity platform application authentication certificate credentials": PS256, and the SHA-256 thumbprint of the
  // certificate in x5t#S256. Node's own digest of the certificate is the other implementation.
  test.each(["PS256", "RS256"])("a client assertion that names its certificate by x5t#S256, %s", async (alg) => {
    const application = "b2f0f7c2-54a1-4d6f-9a63-0c4a5f6e7d8c";
    const thumbprint = Buffer.from(certificate.fingerprint256.replaceAll(":", ""), "hex").toString("base64url");
    const claims = {
      ...{ iss: application, sub: application, jti: "a1", nbf: 1_700_000_000, exp: 1_700_000_600 },
      aud: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
    };
    const assertion = await signed({ alg, "x5t#S256": thumbprint }, claims);
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion,
      scope: "https://graph.microsoft.com/.default",
    });
    const facts = decodeTransaction(
      transaction({
        host: "login.microsoftonline.com",
        target: `/${tenant}/oauth2/v2.0/token`,
        request: [["Content-Type", "application/x-www-form-urlencoded"]],
        requestBody: form.toString(),
      }),
    );
    const verifier = startVerification({ authCertificates: [certificate.raw] });
    expect(await verifier.accept("t1", facts, null)).toMatchObject([
      { token: "client_assertion", outcome: "verified", keyId: thumbprint, keySource: "auth-certificate" },
    ]);
    const other = startVerification({
      authCertificates: [Buffer.from(buildTestCertificate({ hosts: ["other.test"] }).cert)],
    });
    expect(await other.accept("t1", facts, null)).toMatchObject([{ outcome: "no-key" }]);
  });

  test("a file that is no certificate is a problem in words, not an end", async () => {
    const verifier = startVerification({ authCertificates: [Buffer.from("nonsense")] });
    expect(verifier.problems).toEqual(["the auth certificate cannot be read"]);
    expect(await verifier.accept("t1", call(actor), null)).toMatchObject([{ outcome: "no-key" }]);
  });
});

describe("attacks (RFC 8725)", () => {
  test("HS256 with the public key as the secret is not verified", async () => {
    const head = compact({ alg: "HS256", typ: "JWT", x5t }, actorClaims, "").replace(/\.$/, "");
    const secret = certificate.publicKey.export({ type: "spki", format: "pem" });
    const forged = `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
    expect(await checks(published(usual()), call(forged))).toMatchObject([{ outcome: "failed" }]);
  });

  test("an extension that must be understood is not verified, whatever the signature says (RFC 7515 4.1.11)", async () => {
    const head = compact({ alg: "RS256", typ: "JWT", x5t, crit: ["exp2"], exp2: 1 }, actorClaims, "").replace(
      /\.$/,
      "",
    );
    const token = `${head}.${sign("RSA-SHA256", Buffer.from(head), key).toString("base64url")}`;
    expect(await checks(published(usual()), call(token))).toMatchObject([{ outcome: "failed" }]);
  });

  test.each(["RS256", "RS384", "PS256"])("%s by the key that is named is verified", async (alg) => {
    expect(await checks(published(usual()), call(await signed({ x5t, alg }, actorClaims)))).toMatchObject([
      { outcome: "verified" },
    ]);
  });

  test("alg none with text for a signature is not verified", async () => {
    const forged = compact({ alg: "none", x5t }, actorClaims, "AAAA");
    expect(await checks(published(usual()), call(forged))).toMatchObject([{ outcome: "failed" }]);
  });

  test("a key that the token brings along is no key", async () => {
    const jwk = await exportJWK(certificate.publicKey);
    const forged = await signed({ jwk, x5c: [der()], kid: "mine" }, actorClaims);
    expect(await checks(call(forged))).toMatchObject([{ outcome: "no-key" }]);
  });
});

test("a user's own token and a sanitised one are left alone", async () => {
  const user = await signed(
    { x5t },
    { ver: "1.0", iss: `https://sts.windows.net/${tenant}/`, appid: sfbOnline, scp: "EWS.AccessAsUser.All" },
  );
  const removed = `${actor.split(".").slice(0, 2).join(".")}.<sig:abcd>`;
  expect(await checks(published(usual()), call(user), call(removed))).toEqual([]);
});

test("ten thousand different tokens without a key leave a bounded memory behind", async () => {
  const verifier = startVerification({});
  const [header = "", , signature = ""] = actor.split(".");
  for (let index = 0; index < 10_000; index++) {
    const claims = compact({}, { ...actorClaims, jti: String(index) }).split(".")[1];
    await verifier.accept(`t${index}`, call(`${header}.${claims}.${signature}`), null);
  }
  // Only the newest 1,024 are still waiting for the key.
  expect(await verifier.accept("last", published(usual()), tokenService)).toHaveLength(1024);
});
