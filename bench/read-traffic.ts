// Synthetic server-to-server traffic for the reading benchmark: the same for the same seed, with real RS256 signatures. Its
// true counts are made while it is generated, independently of the measured program.
import { createSign } from "node:crypto";
import forge from "node-forge";

export interface MadeEntry {
  readonly startedAt: number;
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly status: number;
  readonly answerHeaders: readonly (readonly [string, string])[];
  readonly answer: string;
}

/** The counts that a reader must find, under the names of the program's `counts`. */
export interface Truth {
  transactions: number;
  jwts: number;
  actorTokens: number;
  basicCredentials: number;
  bearerProbes: number;
  challenges: number;
  ntlmMessages: number;
  tokenRequests: number;
  status401: number;
}

const tenant = "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa";
const exchange = "00000002-0000-0ff1-ce00-000000000000";
const acs = "00000001-0000-0000-c000-000000000000";
const callers = [
  "00000004-0000-0ff1-ce00-000000000000",
  "7557eb47-c689-4224-abcf-aef9bd7573df",
  "db7de2b5-2149-435e-8043-e080dd50afae",
];
const mailHosts = ["mail.contoso.example", "mail.fabrikam.example"];
const sts = "accounts.accesscontrol.windows.net";
const start = Date.UTC(2026, 0, 15, 8, 0, 0);

/** A reproducible generator of numbers from 0 to 1 (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

interface Signer {
  readonly x5t: string;
  readonly certificate: string;
  sign(text: string): string;
}

/** The same key for the same numbers: forge gets its random bytes from this generator. */
function makeSigner(random: () => number): Signer {
  const prng = {
    getBytesSync: (count: number): string =>
      Array.from({ length: count }, () => String.fromCharCode(Math.floor(random() * 256))).join(""),
  };
  const keys = forge.pki.rsa.generateKeyPair({ bits: 2048, prng });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = "01";
  certificate.validity.notBefore = new Date(start);
  certificate.validity.notAfter = new Date(start + 3.15e10);
  certificate.setSubject([{ name: "commonName", value: "bench token service" }]);
  certificate.setIssuer([{ name: "commonName", value: "bench token service" }]);
  certificate.sign(keys.privateKey, forge.md.sha256.create());
  const der = forge.asn1.toDer(forge.pki.certificateToAsn1(certificate)).getBytes();
  const pem = forge.pki.privateKeyToPem(keys.privateKey);
  return {
    x5t: Buffer.from(forge.md.sha1.create().update(der).digest().getBytes(), "latin1").toString("base64url"),
    certificate: Buffer.from(der, "latin1").toString("base64"),
    sign: (text) => createSign("RSA-SHA256").update(text).sign(pem).toString("base64url"),
  };
}

const packed = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

export interface Traffic {
  readonly truth: Truth;
  /** The next request and its answer, which are counted in `truth`. */
  next(): MadeEntry;
}

/** Starts endless traffic. Its first entry is the token service's metadata, so that signatures can be checked. */
export function startTraffic(seed: number): Traffic {
  const random = seeded(seed);
  const signer = makeSigner(random);
  const truth: Truth = {
    transactions: 0,
    jwts: 0,
    actorTokens: 0,
    basicCredentials: 0,
    bearerProbes: 0,
    challenges: 0,
    ntlmMessages: 0,
    tokenRequests: 0,
    status401: 0,
  };
  const maker = new EntryMaker(random, signer, truth);
  return {
    truth,
    next() {
      const isFirst = truth.transactions === 0;
      truth.transactions += 1;
      return isFirst ? maker.metadata() : maker.any();
    },
  };
}

class EntryMaker {
  readonly #random: () => number;
  readonly #signer: Signer;
  readonly #truth: Truth;
  readonly #actors = new Map<string, { token: string; uses: number }>();
  #at = start;

  constructor(random: () => number, signer: Signer, truth: Truth) {
    this.#random = random;
    this.#signer = signer;
    this.#truth = truth;
  }

  any(): MadeEntry {
    this.#at += Math.floor(this.#random() * 400);
    const kind = this.#random();
    if (kind < 0.6) return this.#callAsUser();
    if (kind < 0.72) return this.#callAsApplication();
    if (kind < 0.77) return this.#basic();
    if (kind < 0.83) return this.#probe();
    if (kind < 0.89) return this.#tokenRequest();
    return this.#anonymous();
  }

  metadata(): MadeEntry {
    const document = {
      issuer: `${acs}@${tenant}`,
      realm: tenant,
      keys: [
        {
          usage: "Signing",
          keyinfo: { x5t: this.#signer.x5t },
          keyvalue: { type: "x509Certificate", value: this.#signer.certificate },
        },
      ],
    };
    return {
      ...{
        startedAt: this.#at,
        method: "GET",
        url: `https://${sts}/${tenant}/metadata/json/1`,
        headers: [["Host", sts]],
        body: "",
      },
      ...{ status: 200, answerHeaders: [["Content-Type", "application/json"]], answer: JSON.stringify(document) },
    };
  }

  #callAsUser(): MadeEntry {
    const host = this.#pick(mailHosts);
    const caller = this.#pick(callers);
    const user = Math.floor(this.#random() * 400);
    const begun = Math.floor(this.#at / 3_600_000) * 3600;
    const outer = `${packed({ typ: "JWT", alg: "none" })}.${packed({
      aud: `${exchange}/${host}@${tenant}`,
      iss: `${caller}@${tenant}`,
      nbf: begun,
      exp: begun + 28_800,
      nameid: `10033fff8${String(user).padStart(7, "0")}`,
      nii: "urn:federation:MicrosoftOnline",
      smtp: `user${user}@contoso.example`,
      actortoken: this.#actor(caller, host),
    })}.`;
    this.#truth.jwts += 2;
    this.#truth.actorTokens += 1;
    return this.#soap(host, `Bearer ${outer}`);
  }

  #callAsApplication(): MadeEntry {
    const host = this.#pick(mailHosts);
    this.#truth.jwts += 1;
    return this.#soap(host, `Bearer ${this.#actor(this.#pick(callers), host)}`);
  }

  #basic(): MadeEntry {
    this.#truth.basicCredentials += 1;
    const credentials = `contoso\\svc${Math.floor(this.#random() * 9)}:P${this.#hex(12)}`;
    return this.#soap(this.#pick(mailHosts), `Basic ${Buffer.from(credentials).toString("base64")}`);
  }

  #probe(): MadeEntry {
    this.#truth.bearerProbes += 1;
    this.#truth.challenges += 1;
    this.#truth.status401 += 1;
    const entry = this.#soap(this.#pick(mailHosts), "Bearer");
    const answerHeaders = [
      ...entry.answerHeaders,
      [
        "WWW-Authenticate",
        `Bearer client_id="${exchange}", trusted_issuers="${acs}@*", token_types="app_asserted_user_v1 service_asserted_app_v1", authorization_uri="https://login.windows.net/common/oauth2/authorize"`,
      ] as const,
      ["WWW-Authenticate", "Negotiate"] as const,
      ["WWW-Authenticate", "NTLM"] as const,
    ];
    return { ...entry, body: "", status: 401, answerHeaders, answer: "" };
  }

  #tokenRequest(): MadeEntry {
    const caller = this.#pick(callers);
    const host = this.#pick(mailHosts);
    this.#truth.tokenRequests += 1;
    this.#truth.jwts += 2;
    const resource = `${exchange}/${host}@${tenant}`;
    const assertion = this.#signed({
      aud: `${acs}/${sts}@${tenant}`,
      iss: `${caller}@${tenant}`,
      nameid: `${caller}@${tenant}`,
    });
    const form = new URLSearchParams({
      grant_type: "http://oauth.net/grant_type/jwt/1.0/bearer",
      assertion,
      resource,
      realm: tenant,
    });
    const answer = { token_type: "Bearer", access_token: this.#actor(caller, host), expires_in: "86400", resource };
    return {
      startedAt: this.#at,
      method: "POST",
      url: `https://${sts}/${tenant}/tokens/OAuth/2`,
      headers: [
        ["Host", sts],
        ["Content-Type", "application/x-www-form-urlencoded"],
        ["client-request-id", this.#id()],
      ],
      body: form.toString(),
      status: 200,
      answerHeaders: [
        ["Content-Type", "application/json; charset=utf-8"],
        ["Date", new Date(this.#at).toUTCString()],
      ],
      answer: JSON.stringify(answer),
    };
  }

  #anonymous(): MadeEntry {
    const host = this.#pick(mailHosts);
    const page = this.#text(9000);
    return {
      ...{
        startedAt: this.#at,
        method: "GET",
        url: `https://${host}/owa/prem/15.1.2507/scripts/${this.#hex(16)}.js`,
        body: "",
      },
      headers: [
        ["Host", host],
        ["User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"],
        ["Accept", "*/*"],
      ],
      ...{
        status: 200,
        answerHeaders: [
          ["Content-Type", "application/javascript"],
          ["X-FEServer", "EX01"],
        ],
        answer: page,
      },
    };
  }

  #soap(host: string, authorization: string): MadeEntry {
    const requestId = this.#id();
    const isRefused = authorization.startsWith("Bearer ") && this.#random() < 0.06;
    if (isRefused) this.#truth.status401 += 1;
    if (isRefused) this.#truth.challenges += 1;
    return {
      startedAt: this.#at,
      method: "POST",
      url: `https://${host}/EWS/Exchange.asmx`,
      headers: [
        ["Host", host],
        ["User-Agent", "SkypeSpaces/1.0a$*+"],
        ["Authorization", authorization],
        ["Content-Type", "text/xml; charset=utf-8"],
        ["Accept", "text/xml"],
        ["Accept-Encoding", "gzip, deflate"],
        ["X-AnchorMailbox", `user${Math.floor(this.#random() * 400)}@contoso.example`],
        ["X-MS-Exchange-Organization", "contoso.example"],
        ["client-request-id", requestId],
        ["return-client-request-id", "true"],
        ["Connection", "Keep-Alive"],
      ],
      body: soapRequest(this.#text(400)),
      status: isRefused ? 401 : 200,
      answerHeaders: [
        ["Cache-Control", "private"],
        ["Content-Type", "text/xml; charset=utf-8"],
        ["Server", "Microsoft-IIS/10.0"],
        ["request-id", this.#id()],
        ["client-request-id", requestId],
        ["X-CalculatedBETarget", "ex01.contoso.example"],
        ["X-DiagInfo", "EX01"],
        ["X-BEServer", "EX01"],
        ["X-FEServer", "EX01"],
        ["X-AspNet-Version", "4.0.30319"],
        ["X-Powered-By", "ASP.NET"],
        ["Date", new Date(this.#at).toUTCString()],
        ...(isRefused
          ? [
              [
                "x-ms-diagnostics",
                `2000005;reason="The user specified by the user-context in the token is ambiguous.";error_category="invalid_user"`,
              ] as const,
              ["WWW-Authenticate", `Bearer client_id="${exchange}", trusted_issuers="${acs}@*"`] as const,
            ]
          : []),
      ],
      answer: isRefused ? "" : soapAnswer(this.#text(1500)),
    };
  }

  /** An actor token is used for some calls and then renewed, as services do. */
  #actor(caller: string, host: string): string {
    const key = `${caller} ${host}`;
    const known = this.#actors.get(key);
    if (known !== undefined && known.uses < 7) {
      known.uses += 1;
      return known.token;
    }
    const token = this.#signed({
      aud: `${exchange}/${host}@${tenant}`,
      iss: `${acs}@${tenant}`,
      nameid: `${caller}@${tenant}`,
      identityprovider: `${acs}@${tenant}`,
      trustedfordelegation: "true",
    });
    this.#actors.set(key, { token, uses: 1 });
    return token;
  }

  #signed(claims: object): string {
    const begun = Math.floor(this.#at / 1000) - 60;
    const header = { typ: "JWT", alg: "RS256", x5t: this.#signer.x5t };
    const text = `${packed(header)}.${packed({ ...claims, nbf: begun, exp: begun + 86_400 })}`;
    return `${text}.${this.#signer.sign(text)}`;
  }

  #pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#random() * items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }

  #hex(length: number): string {
    let text = "";
    while (text.length < length)
      text += Math.floor(this.#random() * 0x10000000)
        .toString(16)
        .padStart(7, "0");
    return text.slice(0, length);
  }

  #id(): string {
    const hex = this.#hex(32);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  #text(length: number): string {
    const words = [
      "calendar",
      "folder",
      "mailbox",
      "recipient",
      "subject",
      "<t:ItemId/>",
      "\r\n",
      '"quoted"',
      "message",
    ];
    let text = "";
    while (text.length < length) text += `${this.#pick(words)} ${this.#hex(6)} `;
    return text;
  }
}

function soapRequest(text: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>\r\n<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><soap:Header><t:RequestServerVersion Version="Exchange2013" /></soap:Header><soap:Body><m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="inbox"/></m:FolderIds><!-- ${text.replaceAll("-", "")} --></m:GetFolder></soap:Body></soap:Envelope>`;
}

function soapAnswer(text: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><h:ServerVersionInfo MajorVersion="15" MinorVersion="1" xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types"/></s:Header><s:Body><m:GetFolderResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><m:ResponseMessages><m:GetFolderResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:GetFolderResponseMessage></m:ResponseMessages></m:GetFolderResponse><!-- ${text} --></s:Body></s:Envelope>`;
}
