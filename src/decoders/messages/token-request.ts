import { type Decoded, decodedValue, decodeProblem } from "../../core/decoded.ts";
import { type Applications, isGuid, parsePrincipal } from "../../core/principals.ts";
import { readFormFields } from "../body-text.ts";
import type { TokenAnswer, TokenRequest } from "../facts.ts";
import { isJsonObject, type JsonObject, readJsonObject } from "../json-text.ts";

const maxText = 512;
const assertionGrant = "http://oauth.net/grant_type/jwt/1.0/bearer";

/** The token request in a form; null when the form is not one. Passwords and assertions are not kept. */
export function decodeTokenRequest(form: string, applications?: Applications): TokenRequest | null {
  return tokenRequestOf(readFormFields(form), applications);
}

/** As `decodeTokenRequest`, from parsed fields. */
export function tokenRequestOf(fields: ReadonlyMap<string, string>, applications?: Applications): TokenRequest | null {
  const grantType = fields.get("grant_type") ?? "";
  const hasAssertion = fields.has("assertion") || fields.has("client_assertion");
  if (grantType === "" && !hasAssertion) return null;
  const resourceText = (fields.get("resource") || fields.get("scope") || "").slice(0, maxText);
  const resource = resourceOf(resourceText);
  return {
    grantType: grantType === "" ? assertionGrant : grantType.slice(0, maxText),
    resource: resource === "" ? null : parsePrincipal(resource, applications),
    resourceText,
    realm: (fields.get("realm") ?? "").slice(0, maxText),
    clientId: (fields.get("client_id") ?? "").slice(0, maxText),
    isPasswordGrant: grantType.toLowerCase() === "password" || (fields.get("password") ?? "") !== "",
  };
}

/**
 * The resource of a token request. Entra v2 has it in `scope`: `<resource>/.default` for an application, `<resource>/<permission>`
 * for a person, beside words of OpenID Connect ("Scopes and permissions in the Microsoft identity platform"). `api://<id>` is an id.
 */
function resourceOf(text: string): string {
  const scopes = text.split(" ", 32).filter((scope) => scope !== "");
  const named = scopes.find((scope) => /\/\.default$/i.test(scope)) ?? scopes.find(isResourceScope) ?? scopes[0] ?? "";
  return named.replace(/^api:\/\//i, "").replace(/\/\.default$/i, "");
}

function isResourceScope(scope: string): boolean {
  return /^https?:\/\//i.test(scope) || isGuid(scope.slice(0, 36));
}

/** The JSON answer of a token service, without its token and without the text of its description. */
export function decodeTokenAnswer(json: string): Decoded<TokenAnswer> {
  const document = readJsonObject(json);
  return document.ok ? tokenAnswerOf(document.value.value) : document;
}

/** As `decodeTokenAnswer`, from a parsed object. */
export function tokenAnswerOf(members: JsonObject): Decoded<TokenAnswer> {
  const isIssued = textOf(members.access_token) !== "";
  const error = errorOf(members);
  if (!isIssued && error === undefined) return decodeProblem("JSON, but neither a token nor an error");
  return decodedValue({
    isIssued,
    tokenType: textOf(members.token_type).slice(0, maxText),
    expiresInSeconds: secondsOf(members.expires_in),
    error: isIssued ? "" : (error?.word ?? ""),
    errorCode: isIssued ? "" : (error?.code ?? ""),
  });
}

interface AnswerError {
  readonly word: string;
  readonly code: string;
}

function errorOf(members: JsonObject): AnswerError | undefined {
  const { error } = members;
  if (typeof error === "string") return { word: error.slice(0, maxText), code: codeOf(members, error) };
  // Newer Microsoft services nest it: { "error": { "code": …, "message": … } }.
  if (isJsonObject(error))
    return { word: textOf(error.code).slice(0, maxText), code: codeOf(members, textOf(error.message)) };
  return undefined;
}

const publicCodes = /(?:^|[^A-Za-z0-9])(ACS[0-9]{5}|AADSTS[0-9]{4,8}|MSIS[0-9]{3,6})(?![0-9])/g;
// "AADSTS70002: Error validating credentials. AADSTS50012: …" (published): the first code is generic, the second is the cause.
const umbrellaCodes: ReadonlySet<string> = new Set(["AADSTS70000", "AADSTS70002", "ACS70002"]);

function codeOf(members: JsonObject, otherText: string): string {
  const text = `${textOf(members.error_description).slice(0, 4096)}\n${otherText.slice(0, 4096)}`;
  const named = publicCodesIn(text);
  if (named !== "") return named;
  const numbers: readonly unknown[] = Array.isArray(members.error_codes) ? members.error_codes.slice(0, 8) : [];
  return specific(numbers.filter(isCodeNumber).map((number) => `AADSTS${number}`));
}

/** The most telling public code of an error's text (`ACS50012`, `AADSTS700016`); empty when there is none. */
export function publicCodesIn(text: string): string {
  return specific([...text.matchAll(publicCodes)].map(([, code = ""]) => code));
}

function specific(codes: readonly string[]): string {
  return codes.find((code) => !umbrellaCodes.has(code)) ?? codes[0] ?? "";
}

function isCodeNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

// ACS sends the number as text (observed).
function secondsOf(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  return typeof value === "string" && /^[0-9]{1,15}$/.test(value) ? Number(value) : null;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
