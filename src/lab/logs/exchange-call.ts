// What Exchange Server knows about a call when it writes its logs, and which names it gives itself in them.

/** A refused token, as `x-ms-diagnostics` reports it. */
export interface LoggedRefusal {
  readonly code: string;
  readonly category: string;
  readonly reason: string;
}

/** One answered call. Times in epoch milliseconds. */
export interface ExchangeCall {
  readonly startedAt: number;
  readonly endedAt: number;
  /** The `request-id` of the answer. */
  readonly requestId: string;
  /** The `client-request-id` of the request; empty without one. */
  readonly clientRequestId: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  /** With its question mark; empty without one. */
  readonly query: string;
  readonly userAgent: string;
  readonly client: string;
  readonly status: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** How the caller signed in, or tried to; null without credentials. */
  readonly scheme: "Bearer" | "Basic" | "NTLM" | null;
  readonly isAuthenticated: boolean;
  /** The presented token, raw; null without one. */
  readonly token: string | null;
  /** The Windows account that signed in, `DOMAIN\name`; null for all else. */
  readonly account: string | null;
  readonly refusal: LoggedRefusal | null;
  /** The operation of the SOAP body; empty without one. */
  readonly operation: string;
}

/** A token request of Exchange itself. */
export interface OutboundTokenRequest {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly clientRequestId: string;
  /** The URL that the token is for. */
  readonly target: string;
  /** Audience, as it was requested. */
  readonly resource: string;
  readonly realm: string;
  /** The issued token; null when the token service refused. */
  readonly token: string | null;
  /** `error` and `error_description` of the refusal. */
  readonly error: { readonly code: string; readonly description: string } | null;
}

/** A token request as the token service decided it. */
export interface SignIn {
  readonly at: number;
  readonly clientRequestId: string;
  readonly client: string;
  readonly applicationId: string;
  readonly resourceId: string;
  /** 0 when a token was issued. */
  readonly errorCode: number;
  readonly failureReason: string;
}

/** The servers behind the name that clients call. */
export const servers = { frontEnd: "EX01", backEnd: "EX02", domain: "contoso.example" } as const;

/** The interface of a path, in the word of the HttpProxy folders; null for a path that the lab does not log. */
export function protocolOf(path: string): "Ews" | "Autodiscover" | null {
  if (/^\/ews(?:\/|$)/i.test(path)) return "Ews";
  return /^\/autodiscover(?:\/|$)/i.test(path) ? "Autodiscover" : null;
}

/** True when the back end answered: the front end checks tokens, and the back end looks up the user of a token. */
export function hasReachedBackEnd({ isAuthenticated, refusal, scheme, status }: ExchangeCall): boolean {
  const isOpen = scheme === null && status !== 401;
  return isAuthenticated || isOpen || refusal?.category === "invalid_user";
}
