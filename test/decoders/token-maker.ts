// An encoder of its own for tests, so that decoders are not tested by their own tables. Shapes: [MS-XOAUTH] 2.2, 3.2.5.2,
// 3.2.5.6 and 4; signatures are only text here.

export const tenant = "5de110f8-2e0f-4d45-891d-bcf2218e253d";
export const sfbOnline = "00000004-0000-0ff1-ce00-000000000000";
export const exchange = "00000002-0000-0ff1-ce00-000000000000";
export const sts = "00000001-0000-0000-c000-000000000000";
export const signature = Buffer.from(Array.from({ length: 256 }, (_, index) => (index * 37 + 11) % 256)).toString(
  "base64url",
);

export function segment(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value), "utf8").toString("base64url");
}

export function compact(header: unknown, claims: unknown, signed = signature): string {
  return `${segment(header)}.${segment(claims)}.${signed}`;
}

export const signedHeader = { typ: "JWT", alg: "RS256", x5t: "kriMPdmBvx68skT8-mPAB3BseeA" };
export const unsignedHeader = { typ: "JWT", alg: "none" };

export const actorClaims = {
  aud: `${exchange}/mail.contoso.com@${tenant}`,
  iss: `${sts}@${tenant}`,
  nbf: 1_700_000_000,
  exp: 1_700_086_700,
  nameid: `${sfbOnline}@${tenant}`,
  identityprovider: `${sts}@${tenant}`,
  trustedfordelegation: "true",
};

export const actorToken = compact(signedHeader, actorClaims);

export const userClaims = {
  aud: `${exchange}/mail.contoso.com@${tenant}`,
  iss: `${sfbOnline}@${tenant}`,
  nbf: "1700000000",
  exp: "1700028800",
  nameid: "1003bffd80000001",
  nii: "urn:federation:MicrosoftOnline",
  smtp: "alice@contoso.com",
};

export function actAsToken(actor: string = actorToken, claims: object = userClaims): string {
  return compact(unsignedHeader, { ...claims, actortoken: actor }, "");
}
