// A token by client credentials, for automation: with a secret, or better with a certificate that signs an assertion.
import { createHash, createPrivateKey, randomUUID, X509Certificate } from "node:crypto";
import { SignJWT } from "jose";
import { ToolError } from "../../core/tool-error.ts";
import { type LoginContext, postLogin, readAccessToken } from "./login-request.ts";

export type ClientProof =
  | { readonly kind: "secret"; readonly secret: string }
  /** PEM with the certificate and its private key. */
  | { readonly kind: "certificate"; readonly pem: string };

export interface ClientCredentialsOptions extends LoginContext {
  readonly clientId: string;
  readonly proof: ClientProof;
  readonly learn: (secret: string) => void;
  readonly now: () => number;
}

/** Fetches a token for the application itself. Throws Stop, or ToolError for an unusable certificate. */
export async function fetchClientCredentialsToken(options: ClientCredentialsOptions): Promise<string> {
  const proof =
    options.proof.kind === "secret"
      ? { client_secret: options.proof.secret }
      : {
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
          client_assertion: await assertion(options, options.proof.pem),
        };
  for (const secret of Object.values(proof)) options.learn(secret);
  const answer = await postLogin(options, "token", {
    grant_type: "client_credentials",
    client_id: options.clientId,
    scope: `${options.graph}/.default`,
    ...proof,
  });
  return readAccessToken(answer);
}

/** The client assertion (RFC 7523), signed with PS256; the header names the certificate by its SHA-256. */
async function assertion(options: ClientCredentialsOptions, pem: string): Promise<string> {
  const { key, certificate } = readPem(pem);
  const seconds = Math.floor(options.now() / 1000);
  const endpoint = `${options.login}/${options.tenant}/oauth2/v2.0/token`;
  return new SignJWT({})
    .setProtectedHeader({
      alg: "PS256",
      typ: "JWT",
      "x5t#S256": createHash("sha256").update(certificate.raw).digest("base64url"),
    })
    .setIssuer(options.clientId)
    .setSubject(options.clientId)
    .setAudience(endpoint)
    .setJti(randomUUID())
    .setNotBefore(seconds)
    .setExpirationTime(seconds + 600)
    .sign(key);
}

function readPem(pem: string) {
  try {
    return { key: createPrivateKey(pem), certificate: new X509Certificate(pem) };
  } catch (cause) {
    throw new ToolError("bad-client-certificate", "The client certificate cannot be used.", {
      hint: "Give one PEM file with the certificate and its unencrypted private key.",
      cause,
    });
  }
}
