// The members about OAuth that front end and back end write into GenericInfo.
import { type ExchangeCall, type LoggedRefusal, servers } from "./exchange-call.ts";
import { namesIn, printToken, type TokenNames } from "./printed-token.ts";

/**
 * Which members the server writes. All are known of 15.00 only: `no-token` leaves out the printed token, `none` also caller and
 * cause, as a later version perhaps does.
 */
export type OAuthMembers = "all" | "no-token" | "none";

type Members = readonly (readonly [string, string])[];

/** `isBackEnd`: the row is that of the back end, which does not mark its own refusals. */
export function oauthMembers(call: ExchangeCall, which: OAuthMembers, isBackEnd: boolean): Members {
  if (call.token === null) return [];
  const names = namesIn(call.token);
  const verified: Members =
    names?.user == null ? [] : [["ActAsUserVerified", isBackEnd && call.isAuthenticated ? "True" : "False"]];
  if (which === "none") return verified;
  const common = (name: string, value: string): readonly [string, string] => [`S:ServiceCommonMetadata.${name}`, value];
  const { refusal } = call;
  return [
    ...verified,
    ...(names === null ? [] : [common("OAuthExtraInfo", extraInfo(names, refusal))]),
    ...(refusal === null
      ? []
      : [
          common("OAuthError", exceptionText(refusal)),
          common("OAuthErrorCategory", `${categoryName(refusal)}${isBackEnd || !isOfBackEnd(refusal) ? "" : "-BE"}`),
        ]),
    ...(which === "all" ? [common("OAuthToken", printedBase64(call.token))] : []),
  ];
}

/** A refusal of the back end, which looks up the user. */
export function isOfBackEnd({ category }: LoggedRefusal): boolean {
  return category === "invalid_user";
}

/** Base64 of the token as Exchange prints it; of the raw token when Exchange cannot parse it. */
export function printedBase64(token: string): string {
  return Buffer.from(printToken(token) ?? token).toString("base64");
}

/** How AuthenticatedUser names an application, or an application that acts as a user. */
export function authenticatedUser({ applicationId, user }: TokenNames): string {
  if (user === null) return `S2S~${applicationId}`;
  return `<unverified>actas1(${user.map(([kind, name]) => `${kind}:${name}`).join("|")})`;
}

/** The exception behind a refusal, cut as Exchange cuts it. */
export function exceptionText({ reason }: LoggedRefusal): string {
  return `Microsoft.Exchange.Security.OAuth.InvalidOAuthTokenException: ${reason} Server ${servers.frontEnd}`.slice(
    0,
    250,
  );
}

function extraInfo({ applicationId, user }: TokenNames, refusal: LoggedRefusal | null): string {
  const claims = (user ?? []).map(([kind, name]) => `${kind}:${name}`);
  return [
    `Category:${user === null ? "S2SAppOnly" : "S2SAppActAs"}`,
    `AppId:S2S~${applicationId}`,
    ...claims,
    ...(refusal === null ? [] : [`ErrorCode:${categoryName(refusal)}`]),
  ].join("|");
}

/** `invalid_user` → `InvalidUser`. */
function categoryName({ category }: LoggedRefusal): string {
  return category.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
