// Recognises and decodes one pasted value, trying the most certain outline first. Text around values is read by `decode-text.ts`.
import type { Decoded } from "../../core/decoded.ts";
import { type Applications, parsePrincipal } from "../../core/principals.ts";
import { readFormFields } from "../body-text.ts";
import type { S2sToken, TokenAnswer } from "../facts.ts";
import { type JsonObject, readJsonObject } from "../json-text.ts";
import { bearerChallengeOf, decodeChallenges } from "../messages/bearer-challenge.ts";
import type { DecodeOptions } from "../messages/decode-transaction.ts";
import { decodeDiagnostics } from "../messages/diagnostics.ts";
import { pastedGraphAnswer } from "../messages/graph-answer.ts";
import { publicCodesIn, tokenAnswerOf, tokenRequestOf } from "../messages/token-request.ts";
import { compactOfPrinted, withoutTokens } from "../token-in-text.ts";
import { decodeAuthorization } from "../tokens/authorization.ts";
import { decodeJwtHeader, looksLikeJwt, maxTokenLength, nestedJwt } from "../tokens/jwt.ts";
import { decodeNtlm, ntlmNames } from "../tokens/ntlm.ts";
import { decodeToken } from "../tokens/s2s-token.ts";
import { type DecodedValue, unknownValue, valueOfKind } from "./decoded-value.ts";
import { challengeJson, diagnosticsJson, graphJson, principalJson, tokenJson, tokenRequestJson } from "./value-json.ts";

/** Characters of a pasted text that is read. */
export const maxPastedLength = 1024 * 1024;

/** Recognises a text that is one value, and decodes it. Never throws; judges and verifies nothing. */
export function decodeValue(text: string, options: DecodeOptions = {}): DecodedValue {
  const value = text.trim().replace(/^\uFEFF/, "");
  if (value === "") return unknownValue(value, "nothing to decode");
  if (value.length > maxPastedLength) return unknownValue(value, "longer than 1 MiB: not read");
  const named =
    /^(authorization|proxy-authorization|www-authenticate|proxy-authenticate|x-ms-diagnostics(?:-from-backend)?)[ \t]*[:→]/i.exec(
      value,
    );
  if (named === null) return decodeBare(value, options.applications);
  const rest = value.slice(named[0].length).trim();
  return (
    decodeField((named[1] ?? "").toLowerCase(), rest, options.applications) ??
    unknownValue(value, "an empty or foreign field")
  );
}

/** Decodes one header field; null when there is no decoder for it. */
export function decodeField(name: string, value: string, applications: Applications | undefined): DecodedValue | null {
  switch (name) {
    case "authorization":
    case "proxy-authorization":
      return decodeCredentials(value, applications);
    case "www-authenticate":
    case "proxy-authenticate":
      return decodeChallengeValue(value, applications);
    case "x-ms-diagnostics":
    case "x-ms-diagnostics-from-backend":
      return decodeDiagnosticsValue(value);
    default:
      return null;
  }
}

function decodeBare(value: string, applications: Applications | undefined): DecodedValue {
  if (/^(?:bearer|basic|ntlm|negotiate|msrtcoauth)(?:[\s+,]|$)/i.test(value)) {
    return isChallenge(value) ? decodeChallengeValue(value, applications) : decodeCredentials(value, applications);
  }
  if (looksLikeJwt(value) || (/^e[yw]/.test(value) && value.includes(".")))
    return decodeTokenValue(value, applications);
  if (isDiagnostics(value)) return decodeDiagnosticsValue(value);
  if (/(?:^|[&?])(?:grant_type|client_assertion|assertion)=/i.test(value)) return decodeForm(value, applications);
  const printed = decodePrinted(value, applications);
  if (printed !== null) return printed;
  if (value.startsWith("{")) return decodeAnswer(value, applications);
  const principal = parsePrincipal(value, applications);
  // A misspelt id gives an issuer without an id, and a finding names the id that it resembles.
  if (/^\/?[0-9a-f-]{32,40}(?:[@/]\S*)?$/i.test(value) && value.includes("-"))
    return valueOfKind("issuer", principalJson(principal), { principal });
  if (/^(?:TlRMTVNTUA|YI[A-P]|oY[A-P]|<negotiate:)/.test(value)) return decodeBlob("", value);
  if (/^[A-Za-z][A-Za-z0-9]{2,60}\|/.test(value)) return decodeDiagnosticsValue(value);
  const errorCode = publicCodesIn(value.slice(0, 16 * 1024));
  if (errorCode !== "") return decodeErrorText(value, errorCode);
  return unknownValue(
    value,
    "neither a token, a challenge, a diagnostics header, credentials, an issuer nor a token request",
  );
}

export function isDiagnostics(value: string): boolean {
  return /^[0-9]{5,10}[ \t+]*;/.test(value) || /error_category[\s+]*=|\bdiagnostics: ?[0-9]{5,10};/i.test(value);
}

// Credentials are one run of characters after the scheme; a challenge has `name=value`, or several schemes.
function isChallenge(value: string): boolean {
  const rest = value.replace(/^[A-Za-z]+[\s+,]*/, "");
  return (
    /^[A-Za-z0-9_-]{1,64}[ \t]*=[ \t]*(?:"|[^=\s"])/.test(rest) ||
    /(?:^|,[ \t]*)(?:bearer|basic|ntlm|negotiate|msrtcoauth)\b/i.test(rest) ||
    rest === "realm"
  );
}

function decodeCredentials(value: string, applications: Applications | undefined): DecodedValue {
  const end = value.search(/\s/);
  const scheme = end === -1 ? value : value.slice(0, end);
  const rest = end === -1 ? "" : value.slice(end).trim();
  const authorization = decodeAuthorization(value, applications);
  switch (authorization.scheme) {
    case "bearer":
      return decodeTokenValue(rest, applications);
    case "basic":
      return valueOfKind(
        "basic",
        { isDecodable: authorization.isDecodable, user: authorization.user, domain: authorization.domain },
        { hasPassword: authorization.isDecodable },
      );
    case "ntlm":
    case "negotiate":
      return rest === "" ? decodeChallengeValue(value, applications) : decodeBlob(scheme, rest);
    case "bearer-probe":
      return unknownValue(value, "Bearer with no token after it: the probe that asks a server for its challenge");
    default:
      // A raw token in place of scheme and value
      return looksLikeJwt(value)
        ? decodeTokenValue(value, applications)
        : unknownValue(value, "credentials of a scheme that is not decoded");
  }
}

function decodeTokenValue(compact: string, applications: Applications | undefined): DecodedValue {
  const token = decodeToken(compact, applications);
  if (token.ok) return valueOfKind("jwt", tokenJson(token.value), { tokens: [token.value] });
  const header = compact.length <= maxTokenLength && looksLikeJwt(compact) ? decodeJwtHeader(compact) : undefined;
  const inner = nestedJwt(compact);
  if (header !== undefined && inner !== undefined) {
    const nested = decodeToken(inner, applications);
    const tokens = nested.ok ? [nested.value] : [];
    return valueOfKind(
      "jwt",
      { ...unreadable(header, token.problem), nested: nested.ok ? tokenJson(nested.value) : null },
      { tokens },
    );
  }
  if (header !== undefined && compact.split(".").length === 5)
    return valueOfKind("jwt", { ...unreadable(header, token.problem), encrypted: true });
  const problem = /[\r\n]/.test(compact) ? "it is wrapped: join its lines" : token.problem;
  return unknownValue(compact, `looks like a token, but ${problem}`, token.offset);
}

/** A token as Exchange prints it, with some of its claims only: a missing claim proves nothing. Null when there is none. */
export function decodePrinted(text: string, applications: Applications | undefined): DecodedValue | null {
  const compact = compactOfPrinted(text);
  const token = compact === null ? null : decodeToken(compact, applications);
  if (token?.ok !== true) return null;
  return valueOfKind("jwt", { ...tokenJson(token.value), isPrinted: true }, { tokens: [token.value], isPrinted: true });
}

function unreadable(header: JsonObject, problem: string): JsonObject {
  return {
    tokenKind: "unknown",
    header: JSON.parse(withoutTokens(JSON.stringify(header))),
    claims: {},
    actor: null,
    problem,
  };
}

export function decodeChallengeValue(value: string, applications: Applications | undefined): DecodedValue {
  const schemes = decodeChallenges(value);
  if (schemes.length === 0) return unknownValue(value, "a challenge in which no scheme can be read");
  const bearerChallenge = bearerChallengeOf(schemes, applications);
  return valueOfKind("challenge", challengeJson(schemes, bearerChallenge), { schemes, bearerChallenge });
}

export function decodeDiagnosticsValue(value: string): DecodedValue {
  const diagnostics = decodeDiagnostics(value);
  return diagnostics.ok
    ? valueOfKind("diagnostics", diagnosticsJson(diagnostics.value), { diagnostics: diagnostics.value })
    : unknownValue(value, diagnostics.problem);
}

function decodeBlob(scheme: string, blob: string): DecodedValue {
  const message = decodeNtlm(blob);
  if (!message.ok) return unknownValue(blob, message.problem);
  return valueOfKind("ntlm", { scheme, ...message.value, ...ntlmNames(blob, message.value.type) });
}

export function decodeForm(value: string, applications: Applications | undefined): DecodedValue {
  const fields = readFormFields(value.replace(/^[^=&]*\?/, "").replace(/[\r\n]+/g, ""));
  const request = tokenRequestOf(fields, applications);
  if (request === null) return unknownValue(value, "a form, but not a token request");
  const compact = fields.get("assertion") ?? fields.get("client_assertion");
  const assertion: Decoded<S2sToken> | null = compact === undefined ? null : decodeToken(compact, applications);
  const tokens = assertion?.ok === true ? [assertion.value] : [];
  return valueOfKind("token-request", tokenRequestJson(request, [...fields.keys()], assertion), {
    tokens,
    tokenRequest: request,
  });
}

function decodeAnswer(value: string, applications: Applications | undefined): DecodedValue {
  const json = readJsonObject(value);
  if (!json.ok) return unknownValue(value, json.problem);
  const graph = pastedGraphAnswer(json.value.value);
  if (graph !== null) return valueOfKind("graph-answer", graphJson(graph, json.value.value), { graph });
  const answer = tokenAnswerOf(json.value.value);
  if (!answer.ok)
    return unknownValue(value, Array.isArray(json.value.value.keys) ? "a metadata document" : answer.problem);
  const compact = json.value.value.access_token;
  const token = typeof compact === "string" && looksLikeJwt(compact) ? decodeToken(compact, applications) : null;
  const tokens = token?.ok === true ? [token.value] : [];
  const shown = { ...answer.value, token: token?.ok === true ? tokenJson(token.value) : null };
  return valueOfKind("token-answer", shown, { tokens, tokenAnswer: answer.value });
}

/** A token service's error as Exchange's tools print it: "Error code: 'invalid_client'. Description: 'AADSTS…" (published). */
export function decodeErrorText(value: string, errorCode: string): DecodedValue {
  const named = /\b[Ee]rror(?:[ _][Cc]ode)?["']?[ \t]{0,4}[:=][ \t]{0,4}["']?([a-z]{2,20}_[a-z_]{2,40})\b/;
  const error = named.exec(value)?.[1] ?? "";
  const tokenAnswer: TokenAnswer = { isIssued: false, tokenType: "", expiresInSeconds: null, error, errorCode };
  return valueOfKind("token-answer", { ...tokenAnswer, token: null }, { tokenAnswer });
}
