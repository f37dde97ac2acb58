// Builds the tokens of the lab by hand and signs them with jose: this program's decoders must not be tested by its own encoder.
import { CompactSign } from "jose";
import type { SigningKey } from "./keys.ts";
import { applications, tenant, user } from "./names.ts";

export interface TokenTimes {
  /** Epoch seconds. */
  readonly notBefore: number;
  readonly expires: number;
}

const json = (value: object): string => JSON.stringify(value);

async function sign(header: object, claims: object, key: SigningKey): Promise<string> {
  return new CompactSign(new TextEncoder().encode(json(claims)))
    .setProtectedHeader({ typ: "JWT", alg: "RS256", x5t: key.x5t, ...header })
    .sign(key.privateKey);
}

/** The assertion with which an application authenticates to the STS ([MS-XOAUTH] 3.2.5.2): it is its own issuer and name identifier. */
export function selfIssuedToken(app: string, audience: string, key: SigningKey, times: TokenTimes): Promise<string> {
  const self = `${app}@${tenant}`;
  return sign(
    {},
    {
      aud: audience,
      iss: self,
      nbf: String(times.notBefore),
      exp: String(times.expires),
      nameid: self,
      trustedfordelegation: "true",
    },
    key,
  );
}

/** The token that the STS issues: `nameid` is the calling application, the issuer is the STS ([MS-XOAUTH] 4). */
export function actorToken(app: string, audience: string, key: SigningKey, times: TokenTimes): Promise<string> {
  const issuer = `${applications.sts}@${tenant}`;
  const claims = {
    aud: audience,
    iss: issuer,
    iat: times.notBefore,
    nbf: times.notBefore,
    exp: times.expires,
    identityprovider: issuer,
    nameid: `${app}@${tenant}`,
    trustedfordelegation: "true",
  };
  return sign({ kid: key.x5t }, claims, key);
}

/** The token of an application that acts as a user: unsigned, with the signed actor token inside ([MS-XOAUTH] 3.2.5.6). */
export function actAsUserToken(app: string, audience: string, actor: string, times: TokenTimes): string {
  const claims = {
    aud: audience,
    iss: `${app}@${tenant}`,
    nbf: String(times.notBefore),
    exp: String(times.expires),
    nameid: user.puid,
    nii: "urn:federation:MicrosoftOnline",
    smtp: user.address,
    upn: user.address,
    sip: user.address,
    actortoken: actor,
  };
  const part = (value: object): string => Buffer.from(json(value)).toString("base64url");
  return `${part({ typ: "JWT", alg: "none" })}.${part(claims)}.`;
}
