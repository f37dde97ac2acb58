// Hand-made traffic for tests of handshakes and findings: whole transactions with real header texts and real (unsigned
// or dummy-signed) tokens, so that the decoders are part of what is tested.
import type { CaptureEvent } from "../../src/core/capture-event.ts";
import type { Headers } from "../../src/core/headers.ts";
import { type CapturedBody, emptyBody, type HttpTransaction } from "../../src/core/http-transaction.ts";
import type { Analysis } from "../../src/diagnosis/analysis.ts";
import { type AnalysisChange, type AnalysisOptions, startAnalysis } from "../../src/diagnosis/analyze.ts";

export const tenant = "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa";
export const otherTenant = "11111111-2222-4333-8444-555555555555";
export const skype = "00000004-0000-0ff1-ce00-000000000000";
export const scheduler = "7557eb47-c689-4224-abcf-aef9bd7573df";
export const voicemail = "db7de2b5-2149-435e-8043-e080dd50afae";
export const exchange = "00000002-0000-0ff1-ce00-000000000000";
export const acs = "00000001-0000-0000-c000-000000000000";
export const mail = "mail.contoso.com";
export const sts = "accounts.accesscontrol.windows.net";
/** About the times of the samples in [MS-XOAUTH] 4.3; independent of the current time. */
export const start = Date.UTC(2026, 0, 15, 12, 0, 0);
export const startSeconds = start / 1000;
// CSS-Exchange tests name these User-Agents.
export const cloudAgent = "SkypeSpaces/1.0a$*+";
export const outlookAgent = "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.5000; Pro)";

export const offersAll: Headers = [
  [
    "WWW-Authenticate",
    `Bearer client_id="${exchange}", trusted_issuers="${acs}@*", token_types="app_asserted_user_v1 service_asserted_app_v1", authorization_uri="https://login.windows.net/common/oauth2/authorize"`,
  ],
  ["WWW-Authenticate", "Negotiate"],
  ["WWW-Authenticate", "NTLM"],
  ["WWW-Authenticate", 'Basic realm="mail.contoso.com"'],
];
export const offersWindows: Headers = [
  ["WWW-Authenticate", "Negotiate"],
  ["WWW-Authenticate", "NTLM"],
];

export type Json = Readonly<Record<string, unknown>>;

function base64url(text: string): string {
  return Buffer.from(text, "utf8").toString("base64url");
}

export function jwt(header: Json, claims: Json, signature = "c2lnbmF0dXJl"): string {
  return `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}.${signature}`;
}

export interface TokenOptions {
  readonly caller?: string;
  readonly realm?: string;
  readonly host?: string;
  readonly claims?: Json;
  readonly header?: Json;
  readonly signature?: string;
}

/** Kind B: an actor token of the token service; the caller is in `nameid` ([MS-XOAUTH] 4). */
export function actorToken(options: TokenOptions = {}): string {
  const { caller = skype, realm = tenant, host = mail } = options;
  return jwt(
    { typ: "JWT", alg: "RS256", x5t: "XqrnFEfsS55_vMBpHvF0pTnqeaM", ...options.header },
    {
      aud: `${exchange}/${host}@${realm}`,
      iss: `${acs}@${realm}`,
      nbf: String(startSeconds - 600),
      exp: String(startSeconds + 86_100),
      nameid: `${caller}@${realm}`,
      identityprovider: `${acs}@${realm}`,
      trustedfordelegation: "true",
      ...options.claims,
    },
    options.signature,
  );
}

/** Kind C: the unsigned outer token around an actor token ([MS-XOAUTH] 3.2.5.6). */
export function outerToken(options: TokenOptions & { readonly actor?: string } = {}): string {
  const { caller = skype, realm = tenant, host = mail } = options;
  return jwt(
    { typ: "JWT", alg: "none", ...options.header },
    {
      aud: `${exchange}/${host}@${realm}`,
      iss: `${caller}@${realm}`,
      nbf: String(startSeconds - 60),
      exp: String(startSeconds + 28_740),
      nameid: "10033fff80001234",
      nii: "urn:federation:MicrosoftOnline",
      smtp: "anna@contoso.com",
      actortoken: options.actor ?? actorToken({ caller, realm, host }),
      ...options.claims,
    },
    options.signature ?? "",
  );
}

/** Kind A: a self-issued assertion to the token service ([MS-XOAUTH] 3.2.5.2). */
export function assertion(options: TokenOptions = {}): string {
  const { caller = skype, realm = tenant } = options;
  return jwt(
    { typ: "JWT", alg: "RS256", x5t: "c2VsZi1pc3N1ZWQtY2VydGlmaWM", ...options.header },
    {
      aud: `${acs}/${sts}@${realm}`,
      iss: `${caller}@${realm}`,
      nameid: `${caller}@${realm}`,
      nbf: String(startSeconds - 10),
      exp: String(startSeconds + 3_590),
      ...options.claims,
    },
    options.signature,
  );
}

export interface Exchanged {
  readonly connection?: string;
  readonly client?: string;
  readonly at?: number;
  readonly host?: string;
  readonly scheme?: "http" | "https";
  readonly method?: string;
  readonly path?: string;
  readonly agent?: string;
  readonly requestId?: string;
  readonly authorization?: string;
  readonly headers?: Headers;
  readonly body?: string;
  readonly status?: number | null;
  readonly answer?: Headers;
  readonly answerBody?: string;
}

export function body(text: string): CapturedBody {
  const bytes = new TextEncoder().encode(text);
  return text === "" ? emptyBody : { bytes, totalBytes: bytes.length, truncated: false, contentCoding: null };
}

/** A diagnostics header as Exchange writes it. */
export function diagnostics(code: string, category: string, reason: string): Headers[number] {
  return ["x-ms-diagnostics", `${code};reason="${reason}";error_category="${category}"`];
}

/** Builds transactions with running ids; each begins a second after the previous one unless it has a time. */
export function newStory(prefix = "t", defaults: Exchanged = {}): (exchanged: Exchanged) => HttpTransaction {
  let count = 0;
  return (one) => {
    count += 1;
    const given = { ...defaults, ...one };
    const at = given.at ?? start + count * 1_000;
    const { host = mail, status = 200, agent = cloudAgent, requestId = "" } = given;
    const headers: [string, string][] = [["Host", host]];
    if (agent !== "") headers.push(["User-Agent", agent]);
    if (requestId !== "") headers.push(["client-request-id", requestId]);
    if (given.authorization !== undefined) headers.push(["Authorization", given.authorization]);
    const answer: Headers = given.answer ?? (status === 401 ? offersAll : []);
    return {
      id: `${prefix}${count}`,
      connection: given.connection ?? "c1",
      client: given.client ?? "52.112.0.1:40000",
      startedAt: at,
      durationMs: 20,
      scheme: given.scheme ?? "https",
      host,
      port: 443,
      request: {
        method: given.method ?? "POST",
        target: given.path ?? "/EWS/Exchange.asmx",
        version: "HTTP/1.1",
        headers: [...headers, ...(given.headers ?? [])],
        trailers: [],
        body: body(given.body ?? ""),
      },
      response:
        status === null
          ? null
          : {
              version: "HTTP/1.1",
              status,
              reason: "",
              headers: answer.some(([name]) => name === "Server")
                ? answer
                : [["Server", "Microsoft-IIS/10.0"], ...answer],
              trailers: [],
              body: body(given.answerBody ?? ""),
              interim: [],
            },
      failure: status === null ? "the connection was cut" : null,
    };
  };
}

export const probe: Exchanged = { authorization: "Bearer", status: 401 };
export const basic = `Basic ${Buffer.from("contoso\\svc:Pa55word!").toString("base64")}`;
export const ntlmOpening = `NTLM ${Buffer.from("NTLMSSP\0\u0001\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "latin1").toString("base64")}`;
/** [MS-NLMP] 2.2.1.3: signature and message type 3, all fields empty. */
export const ntlmLast = `NTLM ${Buffer.concat([Buffer.from("NTLMSSP\0\u0003\0\0\0", "latin1"), Buffer.alloc(60)]).toString("base64")}`;
export const ntlmChallenge = Buffer.concat([Buffer.from("NTLMSSP\0\u0002\0\0\0", "latin1"), Buffer.alloc(44)]).toString(
  "base64",
);

/** A token request and its answer. */
export function tokenRequest(options: {
  readonly assertion?: string;
  readonly resource?: string;
  readonly issued?: string;
  readonly status?: number;
  readonly error?: string;
  readonly description?: string;
}): Exchanged {
  const form = new URLSearchParams({
    grant_type: "http://oauth.net/grant_type/jwt/1.0/bearer",
    assertion: options.assertion ?? assertion(),
    resource: options.resource ?? `${exchange}/${mail}@${tenant}`,
    realm: tenant,
  });
  const answer =
    options.issued === undefined
      ? { error: options.error ?? "invalid_client", error_description: options.description ?? "" }
      : { access_token: options.issued, token_type: "Bearer", expires_in: "86700" };
  return {
    host: sts,
    connection: "sts1",
    path: `/${tenant}/tokens/OAuth/2`,
    agent: "",
    headers: [["Content-Type", "application/x-www-form-urlencoded"]],
    body: form.toString(),
    status: options.status ?? (options.issued === undefined ? 400 : 200),
    answer: [["Content-Type", "application/json"]],
    answerBody: JSON.stringify(answer),
  };
}

/** Feeds events or transactions to a new analysis; returns the analysis and every change. */
export function judge(
  events: readonly (HttpTransaction | CaptureEvent)[],
  options: AnalysisOptions = {},
): Analysis & { readonly changes: readonly AnalysisChange[] } {
  const analyzer = startAnalysis(options);
  const changes = events.map((event) =>
    analyzer.accept("kind" in event ? event : { kind: "transaction", transaction: event }),
  );
  return { ...analyzer.snapshot(), changes };
}

/** Plays one story with one client. */
export function play(exchanged: readonly Exchanged[], options: AnalysisOptions = {}): ReturnType<typeof judge> {
  return judge(exchanged.map(newStory()), options);
}

export function codes(analysis: Pick<Analysis, "findings">): readonly string[] {
  return analysis.findings.map(({ code }) => code);
}
