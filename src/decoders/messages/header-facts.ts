// The header fields that decoders need, picked in one pass: this runs for every transaction.
import type { Headers } from "../../core/headers.ts";
import { mayHoldTokens } from "../tokens/readable-tokens.ts";
import { isRemovedCookie } from "../tokens/removed-marker.ts";

/** Names of all fields that `pickRequestFields` picks by name, in lower case. */
export const decodedRequestFields: readonly string[] = [
  ...["authorization", "proxy-authorization", "client-request-id", "user-agent", "content-type"],
  ...["x-commonaccesstoken", "cookie"],
];

/** Names of all fields that `pickResponseFields` picks, in lower case. */
export const decodedAnswerFields: readonly string[] = [
  ...["www-authenticate", "x-ms-diagnostics", "x-ms-diagnostics-from-backend", "request-id", "client-request-id"],
  ...["date", "x-owa-version", "x-ews-policy-reason", "content-type"],
];

/** Fields of the request; empty where absent, the first one where repeated, lists where every occurrence counts. */
export interface RequestFields {
  readonly authorizations: string[];
  readonly proxyAuthorizations: string[];
  clientRequestId: string;
  userAgent: string;
  contentType: string;
  hasCommonAccessToken: boolean;
  /** An exporter replaced the cookies with a marker. */
  isCookieRemoved: boolean;
  /** Values of other fields that look like a token. */
  readonly tokenLike: string[];
  /** Values of cookies and other fields that may hold a token among other text. */
  readonly searched: string[];
}

/** Fields of the answer; lists where every occurrence counts. */
export interface ResponseFields {
  readonly challenges: string[];
  readonly diagnostics: string[];
  backendDiagnostics: string;
  requestId: string;
  clientRequestId: string;
  date: string;
  policyReason: string;
  contentType: string;
  exchangeVersion: string;
  /** Values of other fields, `Set-Cookie` included, that may hold a token. */
  readonly searched: string[];
}

const maxTokenLike = 8;

export function pickRequestFields(headers: Headers): RequestFields {
  const fields: RequestFields = {
    authorizations: [],
    proxyAuthorizations: [],
    clientRequestId: "",
    userAgent: "",
    contentType: "",
    hasCommonAccessToken: false,
    isCookieRemoved: false,
    tokenLike: [],
    searched: [],
  };
  for (const [name, value] of headers) {
    switch (name.toLowerCase()) {
      case "authorization":
        fields.authorizations.push(value);
        break;
      case "proxy-authorization":
        fields.proxyAuthorizations.push(value);
        break;
      case "client-request-id":
        fields.clientRequestId ||= value;
        break;
      case "user-agent":
        fields.userAgent ||= value;
        break;
      case "content-type":
        fields.contentType ||= value;
        break;
      case "x-commonaccesstoken":
        fields.hasCommonAccessToken = true;
        break;
      case "cookie":
        fields.isCookieRemoved ||= isRemovedCookie(value);
        noteTokens(fields, value);
        break;
      case "referer":
        noteTokens(fields, withoutFragment(value));
        break;
      default:
        noteTokens(fields, value);
    }
  }
  return fields;
}

export function pickResponseFields(headers: Headers): ResponseFields {
  const fields: ResponseFields = {
    challenges: [],
    diagnostics: [],
    backendDiagnostics: "",
    requestId: "",
    clientRequestId: "",
    date: "",
    policyReason: "",
    contentType: "",
    exchangeVersion: "",
    searched: [],
  };
  for (const [name, value] of headers) {
    switch (name.toLowerCase()) {
      case "www-authenticate":
        fields.challenges.push(value);
        break;
      case "x-ms-diagnostics":
        fields.diagnostics.push(value);
        break;
      case "x-ms-diagnostics-from-backend":
        fields.backendDiagnostics ||= value;
        break;
      case "request-id":
        fields.requestId ||= value;
        break;
      case "client-request-id":
        fields.clientRequestId ||= value;
        break;
      case "date":
        fields.date ||= value;
        break;
      case "x-owa-version":
        fields.exchangeVersion ||= value;
        break;
      case "x-ews-policy-reason":
        fields.policyReason ||= value;
        break;
      case "content-type":
        fields.contentType ||= value;
        break;
      case "set-cookie":
        noteSearched(fields, value.split(";", 1)[0] ?? "");
        break;
      case "location":
        noteSearched(fields, withoutFragment(value));
        break;
      default:
        noteSearched(fields, value);
    }
  }
  return fields;
}

function noteTokens(fields: RequestFields, value: string): void {
  if (!isTokenLike(value)) noteSearched(fields, value);
  else if (fields.tokenLike.length < maxTokenLike) fields.tokenLike.push(value);
}

function noteSearched({ searched }: { readonly searched: string[] }, value: string): void {
  if (mayHoldTokens(value) && searched.length < maxTokenLike) searched.push(value);
}

// Sanitising removes a fragment, so its tokens are not counted before either.
function withoutFragment(url: string): string {
  const hash = url.indexOf("#");
  return hash === -1 ? url : url.slice(0, hash);
}

function isTokenLike(value: string): boolean {
  return value.length > 40 && (value.startsWith("ey") || value.startsWith("Bearer e"));
}
