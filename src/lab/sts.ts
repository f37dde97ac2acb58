// The token service (STS): publishes its signing key and issues actor tokens to applications that authenticate.
import { createPublicKey } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { compactVerify, decodeJwt } from "jose";
import type { LabKeys, SigningKey } from "./keys.ts";
import type { SignIn } from "./logs/exchange-call.ts";
import { signInOf } from "./logs/sign-in-log.ts";
import { applications, metadataPath, tenant, tokenPath } from "./names.ts";
import { readBody } from "./read-body.ts";
import type { Deviations } from "./scenarios.ts";
import { actorToken } from "./tokens.ts";

const tokenLifetimeSeconds = 86_700;

/** Handles requests as the STS does: the metadata document and the token endpoint; everything else is 404. */
export function stsHandler({
  log,
  ...issuer
}: StsOptions): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const path = (request.url ?? "").split("?")[0];
    if (request.method === "GET" && path === metadataPath) answer(response, 200, metadataDocument(issuer.keys));
    else if (request.method === "POST" && path === tokenPath) {
      const form = new URLSearchParams(await readBody(request));
      const { status, body } = await issue(form, issuer);
      log?.(signInOf(request, requestedOf(form), body));
      answer(response, status, body);
    } else answer(response, 404, { error: "not_found" });
  };
}

function metadataDocument(keys: LabKeys): object {
  return {
    id: "accounts.accesscontrol.windows.net",
    version: "1.0",
    name: "accounts.accesscontrol.windows.net",
    realm: tenant,
    serviceName: applications.sts,
    issuer: `${applications.sts}@${tenant}`,
    allowedAudiences: [`${applications.sts}/accounts.accesscontrol.windows.net@${tenant}`],
    keys: [
      {
        usage: "signing",
        keyinfo: { x5t: keys.sts.x5t },
        keyvalue: { type: "x509Certificate", value: keys.sts.certificateDer.toString("base64") },
      },
    ],
    endpoints: [
      { location: `https://accounts.accesscontrol.windows.net${tokenPath}`, protocol: "OAuth2", usage: "issuance" },
    ],
  };
}

/** The application that an assertion names, proven or not, and the id of the resource. */
function requestedOf(form: URLSearchParams): { readonly applicationId: string; readonly resource: string } {
  const { iss = "" } = decodeJwt(form.get("assertion") ?? "");
  return { applicationId: iss.split("@")[0] ?? "", resource: (form.get("resource") ?? "").split("/")[0] ?? "" };
}

interface StsOptions extends Issuer {
  /** Gets each token request with its outcome. */
  readonly log?: ((signIn: SignIn) => void) | undefined;
}

interface Issuer {
  readonly keys: LabKeys;
  readonly deviations: Deviations;
  /** The applications whose assertions are accepted now. */
  readonly trusted: () => readonly SigningKey[];
}

async function issue(
  form: URLSearchParams,
  { keys, deviations, trusted }: Issuer,
): Promise<{ status: number; body: object }> {
  const refusal = (code: string, text: string) => ({
    status: 400,
    body: { error: "invalid_client", error_description: `${code}: ${text}` },
  });
  if (deviations.stsRefuses === true) return refusal("ACS50012", "Authentication failed.");
  const app = await provenApplication(form.get("assertion") ?? "", trusted());
  const resource = form.get("resource");
  if (app === null) return refusal("ACS50027", "The assertion is not signed by a key that is known.");
  if (resource === null) return refusal("ACS50003", "No resource was given.");
  const now = Math.floor(Date.now() / 1000);
  const past = deviations.tokenAgeSeconds ?? 0;
  const times = { notBefore: now - past, expires: now - past + tokenLifetimeSeconds };
  const key = deviations.isSignedByUnpublishedKey === true ? keys.unpublished : keys.sts;
  const token = await actorToken(app, deviations.audience ?? resource, key, times);
  return {
    status: 200,
    body: {
      token_type: "Bearer",
      access_token: token,
      expires_in: String(tokenLifetimeSeconds),
      not_before: String(times.notBefore),
      expires_on: String(times.expires),
      resource,
    },
  };
}

async function provenApplication(assertion: string, trusted: readonly SigningKey[]): Promise<string | null> {
  for (const { privateKey } of trusted) {
    try {
      await compactVerify(assertion, createPublicKey(privateKey), { algorithms: ["RS256"] });
      return decodeJwt(assertion).iss?.split("@")[0] ?? null;
    } catch (error) {
      if (error instanceof TypeError) throw error;
    }
  }
  return null;
}

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "Cache-Control": "no-cache, no-store",
    "Content-Type": "application/json; charset=utf-8",
    Server: "Microsoft-IIS/10.0",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}
