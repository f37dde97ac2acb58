// The token issuer: client credentials with secret or signed assertion, device codes in all their states, wrong tenants.
import { createHash, type KeyObject, randomUUID, X509Certificate } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { jwtVerify, SignJWT } from "jose";
import { readBody } from "../read-body.ts";

export type DeviceState = "authorization_pending" | "slow_down" | "authorization_declined" | "expired_token" | "ok";

export interface LoginOptions {
  readonly tenant: string;
  readonly origin: () => string;
  readonly audience: () => string;
  readonly key: KeyObject;
  /** Client id → its secret, or its certificate (PEM). */
  readonly clients: ReadonlyMap<string, { readonly secret: string } | { readonly certificatePem: string }>;
  /** The answers to polls for a device code, in order; the last one repeats. */
  readonly deviceStates: readonly DeviceState[];
}

/** Claims that a test may override. */
export interface TokenOverrides {
  readonly audience?: string;
  readonly tenant?: string;
  readonly issuer?: string;
  readonly lifeSeconds?: number;
  readonly permissions?: string;
}

/** Makes a signed access token for Graph. */
export async function mintToken(
  options: Omit<LoginOptions, "clients" | "deviceStates">,
  overrides: TokenOverrides = {},
): Promise<string> {
  const seconds = Math.floor(Date.now() / 1000);
  const tenant = overrides.tenant ?? options.tenant;
  return new SignJWT({
    tid: tenant,
    upn: "admin@contoso.example",
    appid: "14d82eec-204b-4c2f-b7e8-296a70dab67e",
    scp: overrides.permissions ?? "Application.ReadWrite.All",
  })
    .setProtectedHeader({ alg: "RS256", typ: "JWT" })
    .setIssuer(overrides.issuer ?? `${options.origin()}/${tenant}/v2.0`)
    .setAudience(overrides.audience ?? options.audience())
    .setIssuedAt(seconds)
    .setNotBefore(seconds)
    .setExpirationTime(seconds + (overrides.lifeSeconds ?? 3600))
    .setJti(randomUUID())
    .sign(options.key);
}

export function loginHandler(options: LoginOptions) {
  const codes = new Map<string, number>();
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await readBody(request));
    const path = /^\/([^/]+)\/oauth2\/v2\.0\/(token|devicecode)$/.exec(request.url ?? "");
    if (path === null) return answer(response, 404, { error: "not_found" });
    if (path[1] !== options.tenant)
      return answer(response, 400, { error: "invalid_request", error_description: "AADSTS90002: Tenant not found." });
    if (path[2] === "devicecode") return answer(response, 200, startDevice(codes, options));
    const { status, body } = await issue(form, options, codes);
    answer(response, status, body);
  };
}

function startDevice(codes: Map<string, number>, options: LoginOptions): object {
  const code = `dc-${randomUUID()}`;
  codes.set(code, 0);
  const verification_uri = `${options.origin()}/device`;
  return { device_code: code, user_code: "LAB-4711", verification_uri, expires_in: 900, interval: 1 };
}

interface Issued {
  readonly status: number;
  readonly body: object;
}

function refusal(error: string, description: string): Issued {
  return { status: 400, body: { error, error_description: description } };
}

async function issue(form: URLSearchParams, options: LoginOptions, codes: Map<string, number>): Promise<Issued> {
  if (form.get("grant_type") === "urn:ietf:params:oauth:grant-type:device_code")
    return pollDevice(form, options, codes);
  if (form.get("grant_type") !== "client_credentials") return refusal("unsupported_grant_type", "AADSTS70003");
  const clientId = form.get("client_id") ?? "";
  const client = options.clients.get(clientId);
  if (client === undefined) return refusal("unauthorized_client", "AADSTS700016: Application not found.");
  const isProven =
    "secret" in client
      ? form.get("client_secret") === client.secret
      : await isSignedBy(form.get("client_assertion") ?? "", clientId, client.certificatePem, options);
  if (!isProven) return refusal("invalid_client", "AADSTS7000215: Invalid client secret or assertion.");
  return { status: 200, body: { token_type: "Bearer", expires_in: 3600, access_token: await mintToken(options) } };
}

async function isSignedBy(assertion: string, clientId: string, pem: string, options: LoginOptions): Promise<boolean> {
  const certificate = new X509Certificate(pem);
  try {
    const { protectedHeader } = await jwtVerify(assertion, certificate.publicKey, {
      algorithms: ["PS256", "RS256"],
      issuer: clientId,
      subject: clientId,
      audience: `${options.origin()}/${options.tenant}/oauth2/v2.0/token`,
      requiredClaims: ["jti", "exp"],
    });
    return protectedHeader["x5t#S256"] === createHash("sha256").update(certificate.raw).digest("base64url");
  } catch {
    return false;
  }
}

async function pollDevice(form: URLSearchParams, options: LoginOptions, codes: Map<string, number>): Promise<Issued> {
  const code = form.get("device_code") ?? "";
  const polls = codes.get(code);
  if (polls === undefined) return refusal("bad_verification_code", "AADSTS7000218");
  codes.set(code, polls + 1);
  const state = options.deviceStates[Math.min(polls, options.deviceStates.length - 1)] ?? "ok";
  if (state !== "ok") return refusal(state, `The device code is ${state}.`);
  return { status: 200, body: { token_type: "Bearer", expires_in: 3600, access_token: await mintToken(options) } };
}

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}
