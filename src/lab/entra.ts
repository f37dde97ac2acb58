// Entra ID's token service: publishes its signing keys, and issues app-only tokens to an application that proves itself with a
// certificate. Written from the documentation of the client credentials grant.
import { createHash, createPublicKey, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { appOnlyToken, type EntraVersion, thumbprint256 } from "./entra-tokens.ts";
import type { LabKeys, SigningKey } from "./keys.ts";
import type { SignIn } from "./logs/exchange-call.ts";
import { signInOf } from "./logs/sign-in-log.ts";
import { applications, entraName, entraPaths, exchangeOnlineName, graphName, tenant } from "./names.ts";
import { readBody } from "./read-body.ts";

/** Application permissions with admin consent, by resource. */
export interface Consents {
  readonly graph: readonly string[];
  readonly exchangeOnline: readonly string[];
}

export interface EntraOptions {
  readonly keys: LabKeys;
  readonly consents: Consents;
  /** Gets each token request with its outcome. */
  readonly log?: ((signIn: SignIn) => void) | undefined;
}

const lifetimeSeconds = 3_599;

/** Handles the requests of both endpoints, of the configuration document and of the keys; everything else is 404. */
export function entraHandler(
  options: EntraOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const body = await readBody(request);
    const path = (request.url ?? "").split("?")[0] ?? "";
    const form = new URLSearchParams(body);
    const { status, body: answer } = await route(request.method ?? "", path, form, options);
    if (request.method === "POST") options.log?.(signInOf(request, requestedOf(form), answer));
    const text = JSON.stringify(answer);
    response.writeHead(status, {
      "Cache-Control": "no-store, no-cache",
      "Content-Type": "application/json; charset=utf-8",
      "x-ms-request-id": randomUUID(),
      "Content-Length": Buffer.byteLength(text),
    });
    response.end(text);
  };
}

function requestedOf(form: URLSearchParams): { readonly applicationId: string; readonly resource: string } {
  const resource = form.get("resource") ?? (form.get("scope") ?? "").replace(/\/\.default$/, "");
  return { applicationId: form.get("client_id") ?? "", resource };
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

async function route(method: string, path: string, form: URLSearchParams, options: EntraOptions): Promise<Answer> {
  if (method === "GET" && path === entraPaths.configuration) return { status: 200, body: configuration };
  if (method === "GET" && path === entraPaths.keys) return { status: 200, body: keySet(options.keys.entra) };
  if (method === "POST" && path === entraPaths.tokenV1) return issue("v1", form, options);
  if (method === "POST" && path === entraPaths.tokenV2) return issue("v2", form, options);
  return { status: 404, body: { error: "not_found" } };
}

const origin = `https://${entraName}`;

const configuration = {
  issuer: `${origin}/${tenant}/v2.0`,
  token_endpoint: `${origin}${entraPaths.tokenV2}`,
  token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
  jwks_uri: `${origin}${entraPaths.keys}`,
  id_token_signing_alg_values_supported: ["RS256"],
  cloud_instance_name: "microsoftonline.com",
};

function keySet({ privateKey, certificateDer, x5t }: SigningKey): object {
  const { n, e } = createPublicKey(privateKey).export({ format: "jwk" });
  const key = { kty: "RSA", use: "sig", kid: x5t, x5t, n, e, x5c: [certificateDer.toString("base64")] };
  return { keys: [{ ...key, cloud_instance_name: "microsoftonline.com", issuer: `${origin}/${tenant}/v2.0` }] };
}

async function issue(version: EntraVersion, form: URLSearchParams, options: EntraOptions): Promise<Answer> {
  const app = form.get("client_id") ?? "";
  if (form.get("grant_type") !== "client_credentials")
    return refusal("unsupported_grant_type", 70003, "The app requested an unsupported grant type.");
  if (app !== applications.dedicatedHybrid)
    return refusal(
      "unauthorized_client",
      700016,
      `Application with identifier '${app}' was not found in the directory 'Contoso'.`,
    );
  if (!(await isProven(form.get("client_assertion") ?? "", version, options.keys.exchangeAuth)))
    return refusal(
      "invalid_client",
      700027,
      "The certificate with identifier used to sign the client assertion is not registered on application.",
    );
  const resource = resourceOf(version, form);
  if (resource === null)
    return refusal("invalid_resource", 500011, "The resource principal was not found in the tenant named Contoso.");
  const now = Math.floor(Date.now() / 1000);
  const token = await appOnlyToken(
    {
      version,
      app,
      audience: resource.audience,
      roles: options.consents[resource.name],
      times: { notBefore: now, expires: now + lifetimeSeconds },
      hasNonce: version === "v1" && resource.name === "graph",
    },
    options.keys.entra,
  );
  return { status: 200, body: tokenAnswer(version, token, form, now) };
}

function tokenAnswer(version: EntraVersion, token: string, form: URLSearchParams, now: number): object {
  const common = { token_type: "Bearer", access_token: token };
  if (version === "v2") return { ...common, expires_in: lifetimeSeconds, ext_expires_in: lifetimeSeconds };
  // The v1 endpoint writes numbers as text.
  return {
    ...common,
    expires_in: String(lifetimeSeconds),
    ext_expires_in: String(lifetimeSeconds),
    not_before: String(now),
    expires_on: String(now + lifetimeSeconds),
    resource: form.get("resource"),
  };
}

interface Resource {
  readonly name: keyof Consents;
  readonly audience: string;
}

/** The resource of a request: a v1 token has the requested identifier as its audience, a v2 token the application id. */
function resourceOf(version: EntraVersion, form: URLSearchParams): Resource | null {
  const identifier =
    version === "v1" ? (form.get("resource") ?? "") : (form.get("scope") ?? "").replace(/\/\.default$/, "");
  switch (identifier.replace(/\/$/, "")) {
    case `https://${graphName}`:
      return { name: "graph", audience: version === "v1" ? identifier : applications.graph };
    case `https://${exchangeOnlineName}`:
      return { name: "exchangeOnline", audience: version === "v1" ? identifier : applications.exchange };
    default:
      return null;
  }
}

/** True when the assertion is signed with the certificate of the application and names it by a right thumbprint. */
async function isProven(assertion: string, version: EntraVersion, key: SigningKey): Promise<boolean> {
  try {
    await jwtVerify(assertion, createPublicKey(key.privateKey), {
      algorithms: ["RS256"],
      issuer: applications.dedicatedHybrid,
      subject: applications.dedicatedHybrid,
      audience: `${origin}${version === "v1" ? entraPaths.tokenV1 : entraPaths.tokenV2}`,
      requiredClaims: ["jti", "exp"],
    });
    const header = decodeProtectedHeader(assertion);
    const sha1 = createHash("sha1").update(key.certificateDer).digest("base64url");
    return header["x5t#S256"] === thumbprint256(key) || header.x5t === sha1;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

function refusal(error: string, code: number, text: string): Answer {
  const [trace, correlation] = [randomUUID(), randomUUID()];
  const timestamp = `${new Date().toISOString().slice(0, 19).replace("T", " ")}Z`;
  return {
    status: error === "invalid_client" ? 401 : 400,
    body: {
      error,
      error_description: `AADSTS${code}: ${text} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      error_uri: `${origin}/error?code=${code}`,
    },
  };
}
