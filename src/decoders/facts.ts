// What decoders say: the only words that handshake/ and diagnosis/ know the traffic by. Types only.
import type { Decoded } from "../core/decoded.ts";
import type { Principal } from "../core/principals.ts";

/** protocol.md §1.1, letters A to H: A self-issued, B actor, C app-acts-as-user, D direct-trust, E entra-v1, F, G, H. */
export type TokenKind =
  | "self-issued"
  | "actor"
  | "app-acts-as-user"
  | "direct-trust"
  | "entra-v1"
  | "app-asserted-user"
  | "exchange-identity"
  | "adfs"
  | "unknown";

/** `removed`: a sanitised capture keeps header and claims and a marker where the signature stood. */
export type SignatureState = "present" | "absent" | "removed";

export interface TokenUser {
  readonly kind: "puid" | "sid" | "smtp" | "upn" | "sip" | "oid" | "unknown";
  /** Safe to show: enough to recognise, not to identify (`a…@contoso.com`, `1003…`). */
  readonly redacted: string;
}

/** A decoded, NOT verified, token. Times are epoch milliseconds; null when absent or out of range. */
export interface S2sToken {
  readonly tokenKind: TokenKind;
  /** The compact form exactly as seen. Secret: never shown, only hashed, compared or verified. */
  readonly compact: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Header `alg` as seen; empty when absent. */
  readonly alg: string;
  /** `x5t`, else `kid`, as seen; empty when neither. */
  readonly keyId: string;
  readonly signature: SignatureState;
  readonly issuer: Principal | null;
  /** The application that calls: outer `iss` (C, D, A), actor `nameid` (B), `appid` (E, F). */
  readonly caller: Principal | null;
  readonly audience: Principal | null;
  /** `iss` and `aud` as text, for kinds that use URLs (E, G, H). */
  readonly issuerText: string;
  readonly audienceText: string;
  /** Tenant id that the token names (`tid`, else the issuer's realm); empty when none. */
  readonly tenant: string;
  readonly notBefore: number | null;
  readonly issuedAt: number | null;
  readonly expires: number | null;
  readonly lifetimeSeconds: number | null;
  readonly user: TokenUser | null;
  /** The decoded `actortoken`; null when there is none. A problem when there is one that cannot be read. */
  readonly actor: Decoded<S2sToken> | null;
  /** Member names that occur more than once in header or claims (RFC 7515 §4: not allowed). */
  readonly duplicates: readonly string[];
  /** The values that such a name had before its last one: JSON readers hide them. Hostile and perhaps personal. */
  readonly shadowed?: readonly (readonly [name: string, value: unknown])[];
  /** Other oddities, our words: `non-canonical base64url`, `claim nbf is a string`… */
  readonly oddities: readonly string[];
}

/** A place in one transaction where a token stood. `path` is the one of SignatureCheck. */
export interface TokenSighting {
  readonly path: "authorization" | "assertion" | "client_assertion" | "access_token" | "body" | "query" | "other";
  readonly side: "request" | "response";
  readonly token: Decoded<S2sToken>;
}

export interface NtlmMessage {
  /** NTLMSSP type 1 negotiate, 2 challenge, 3 authenticate; `spnego` and `kerberos` for what Negotiate carries. */
  readonly type: "negotiate" | "challenge" | "authenticate" | "spnego" | "kerberos" | "unknown";
  /** An NTLMSSP message is inside (also wrapped in SPNEGO). */
  readonly isNtlm: boolean;
}

export type Authorization =
  | { readonly scheme: "none" }
  /** `Bearer` with nothing after it: realm discovery ([MS-XOAUTH] 4.6). */
  | { readonly scheme: "bearer-probe" }
  | { readonly scheme: "bearer"; readonly token: Decoded<S2sToken> }
  /** `user` is redacted; the password is never kept, not even its length. */
  | { readonly scheme: "basic"; readonly isDecodable: boolean; readonly user: string; readonly domain: string }
  | { readonly scheme: "ntlm"; readonly message: Decoded<NtlmMessage> }
  | { readonly scheme: "negotiate"; readonly message: Decoded<NtlmMessage> }
  /** An exporter took it away; the name of the scheme where it is left, in lower case, else empty. */
  | { readonly scheme: "removed"; readonly name: "basic" | "bearer" | "ntlm" | "negotiate" | "" }
  /** Any other scheme; the name in lower case, at most 32 characters of it, token characters only. */
  | { readonly scheme: "other"; readonly name: string };

/** Credentials beside the ones that count: of a second `Authorization`, for a web proxy, or a cookie that was taken away. */
export interface OtherCredentials {
  readonly field: "authorization" | "proxy-authorization" | "cookie";
  readonly scheme: Authorization["scheme"];
  /** Basic with an account and a password in it. */
  readonly isPassword: boolean;
}

export interface ChallengeScheme {
  /** As seen. */
  readonly scheme: string;
  /** Names as seen, values unquoted. A Map because names are hostile. */
  readonly params: ReadonlyMap<string, string>;
  /** The bare value after the scheme (NTLM, Negotiate blobs); empty when parameters or nothing. */
  readonly token68: string;
}

/** The Bearer scheme of a challenge, understood (protocol.md §2.2). */
export interface BearerChallenge {
  readonly clientId: string;
  readonly realm: string;
  readonly trustedIssuers: readonly Principal[];
  readonly tokenTypes: readonly string[];
  readonly authorizationUri: string;
  readonly error: string;
  /** `AzureAD` or `ADFS` as seen; empty where the server does not say. */
  readonly issuerKind: string;
  /** What the server demands of the next token; null unless the challenge has `claims`. */
  readonly demanded: DemandedClaims | null;
}

/** The `claims` of a challenge (OpenID Connect Core 5.5), opened. */
export interface DemandedClaims {
  /** Names of the claims that the access token must carry; empty when the value cannot be read. Hostile text. */
  readonly names: readonly string[];
  /** The time before which the token must not have been issued (`nbf`), epoch milliseconds; null when it is not demanded. */
  readonly notBefore: number | null;
}

/** Category of `x-ms-diagnostics`, our word where the server's is missing or unknown (protocol.md §2.3). */
export type DiagnosticsCause =
  | "invalid_signature"
  | "invalid_token"
  | "token_expired"
  | "invalid_resource"
  | "invalid_tenant"
  | "invalid_user"
  | "invalid_client"
  | "internal_error"
  | "invalid_grant"
  | "invalid_certificate"
  | "oauth_not_available"
  | "insufficient_auth_strength"
  | "insufficient_claims"
  | "unknown";

/** What the reason's text names more closely than the cause does. English texts only: null proves nothing. */
export type DiagnosticsDetail =
  | "signature-wrong"
  | "outer-signed"
  | "actor-unsigned"
  | "expired"
  | "issuer-missing"
  | "issuer-malformed"
  | "issuer-unknown"
  | "issuer-is-not-actor"
  | "nameid-malformed"
  | "claim-missing"
  | "token-unreadable"
  | "profile-not-applicable"
  | "audience-mismatch"
  | "audience-realm-missing"
  | "scheme-mismatch"
  | "realm-differs"
  | "tenant-missing"
  | "tenant-unknown"
  | "user-claims-missing"
  | "user-unknown"
  | "user-ambiguous"
  | "user-sid-differs"
  | "mailbox-version"
  | "application-unknown"
  | "linked-account-missing"
  | "scope-missing"
  | "permissions-missing"
  | "tenant-restricted"
  | "own-mailbox-only"
  | "certificate-not-found"
  | "directory-failed"
  | "flighting-off";

export interface Diagnostics {
  readonly code: string;
  /** `error_category` as seen; empty when absent. */
  readonly category: string;
  /** As seen: hostile text, may name users and hosts. */
  readonly reason: string;
  readonly cause: DiagnosticsCause;
  readonly detail?: DiagnosticsDetail;
}

export interface TokenRequest {
  /** As seen, or our word when the form's fields tell it. */
  readonly grantType: string;
  readonly resource: Principal | null;
  readonly resourceText: string;
  readonly realm: string;
  /** `client_id` of the form; empty when only the assertion names the client. Hostile text. */
  readonly clientId: string;
  /** True for `grant_type=password` and MsRtcOAuth password grants: a password crossed the wire. */
  readonly isPasswordGrant: boolean;
}

export interface TokenAnswer {
  readonly isIssued: boolean;
  readonly tokenType: string;
  readonly expiresInSeconds: number | null;
  /** `error` and the public code inside `error_description` (`ACS50012`, `AADSTS700016`); empty when none. */
  readonly error: string;
  readonly errorCode: string;
}

/** A signing certificate of an STS metadata document (protocol.md §2.5). */
export interface MetadataKey {
  /** base64url SHA-1 thumbprint without padding as the document says it; null when it does not (compute it at the edge). */
  readonly x5t: string | null;
  readonly certificate: Uint8Array;
}

export interface StsMetadata {
  readonly issuer: Principal | null;
  readonly realm: string;
  readonly keys: readonly MetadataKey[];
}

export type ServiceEndpoint =
  | "ews"
  | "ews-ws-security"
  | "autodiscover"
  | "activesync"
  | "mapi"
  | "rpc"
  | "oab"
  | "owa"
  | "rest"
  | "metadata"
  | "sts-token"
  | "sts-metadata"
  | "ucwa"
  | "web-ticket"
  | "other";

/** What a SOAP or Autodiscover body asks for. */
export interface Operation {
  /** Local name of the first element in the SOAP body, for example `GetFolder`; token characters only. */
  readonly name: string;
  /** Distinguished folder ids it touches (`recoverableitemspurges`, `conversationhistory`…), known words only. */
  readonly folders: readonly string[];
  /** Which success sign of the procedure this is, if it is one. */
  readonly sign: "voicemail-greeting" | "conversation-history" | "archived-messages" | "out-of-office" | null;
}

export interface SoapAnswer {
  /** Nothing in the answer succeeded. */
  readonly isError: boolean;
  /** The first code that is no success (`ErrorAccessDenied`), letters only; empty when there is none. */
  readonly code: string;
}

export interface TransactionFacts {
  readonly endpoint: ServiceEndpoint;
  /** Of several `Authorization` fields, the first that holds a token, else the first. */
  readonly authorization: Authorization;
  readonly otherCredentials: readonly OtherCredentials[];
  /** Every outermost token, request first, the Authorization one included; nested ones inside `actor`. */
  readonly tokens: readonly TokenSighting[];
  /** One entry for each scheme offered, over all `WWW-Authenticate` fields of the answer. */
  readonly challenges: readonly ChallengeScheme[];
  readonly bearerChallenge: BearerChallenge | null;
  readonly diagnostics: Diagnostics | null;
  readonly tokenRequest: TokenRequest | null;
  readonly tokenAnswer: TokenAnswer | null;
  readonly metadata: StsMetadata | null;
  /** NTLM/Negotiate blobs: what the request sent and what the answer sent back. */
  readonly ntlmSent: NtlmMessage | null;
  readonly ntlmReceived: NtlmMessage | null;
  readonly clientRequestId: string;
  readonly requestId: string;
  readonly userAgent: string;
  /** The User-Agent is one that protocol.md §2.4 lists for a cloud service. A hint, never a proof. */
  readonly isCloudUserAgent: boolean;
  /** The answer's `Date`, epoch milliseconds. */
  readonly serverDate: number | null;
  readonly federation: "ws-security" | "common-access-token" | null;
  /** `X-EWS-Policy-Reason` of a 403: a policy refusal, not an OAuth failure. Hostile text. */
  readonly policyReason: string;
  readonly operation: Operation | null;
  /** How the operation ended inside an answer that may have status 200; null when the answer does not say. */
  readonly soapAnswer: SoapAnswer | null;
  /** `X-OWA-Version`: the build of Exchange that answered, digits and dots; empty when it does not say. */
  readonly exchangeVersion: string;
  /** What could not be read, our words. */
  readonly problems: readonly string[];
}
