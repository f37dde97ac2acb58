// The facts that decoders report, and all that handshake/ and diagnosis/ see of the traffic. Types only.
import type { Decoded } from "../core/decoded.ts";
import type { Principal } from "../core/principals.ts";
import type { Discovery } from "./discovery-facts.ts";
import type { GraphFacts } from "./graph-facts.ts";

/** protocol.md §1.1, letters A to H: A self-issued, B actor, C app-acts-as-user, D direct-trust, E entra-v1 and entra-v2, F, G, H. */
export type TokenKind =
  | "self-issued"
  | "actor"
  | "app-acts-as-user"
  | "direct-trust"
  | "entra-v1"
  | "entra-v2"
  | "app-asserted-user"
  | "exchange-identity"
  | "adfs"
  | "unknown";

/** `removed`: a sanitised capture keeps header and claims, and a marker in place of the signature. */
export type SignatureState = "present" | "absent" | "removed";

export interface TokenUser {
  readonly kind: "puid" | "sid" | "smtp" | "upn" | "sip" | "oid" | "unknown";
  /** Safe to show: enough to recognise, not to identify (`a…@contoso.com`, `1003…`). */
  readonly redacted: string;
}

/** A decoded, NOT verified, token. Times are epoch milliseconds; null when absent or out of range. */
export interface S2sToken {
  readonly tokenKind: TokenKind;
  /** The compact form exactly as captured. Secret: hashed, compared or verified, never shown. */
  readonly compact: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Header `alg` as captured; empty when absent. */
  readonly alg: string;
  /** `x5t`, else `x5t#S256`, else `kid`, as captured; empty when none is present. */
  readonly keyId: string;
  readonly signature: SignatureState;
  readonly issuer: Principal | null;
  /** The application that calls: outer `iss` (C, D, A), actor `nameid` (B), `appid` or `azp` (E, F). */
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
  /** The decoded `actortoken`; null when absent, a problem when it cannot be read. */
  readonly actor: Decoded<S2sToken> | null;
  /** Member names that occur more than once in header or claims (RFC 7515 §4: not allowed). */
  readonly duplicates: readonly string[];
  /** Earlier values of such names, which JSON readers hide. Hostile and perhaps personal. */
  readonly shadowed?: readonly (readonly [name: string, value: unknown])[];
  /** Other oddities, in words of this program: `non-canonical base64url`, `claim nbf is a string`… */
  readonly oddities: readonly string[];
}

/** A token and its place in one transaction. `path` is the one of SignatureCheck. */
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
  /** Removed by an exporter; `name` is the scheme in lower case where it was left, else empty. */
  | { readonly scheme: "removed"; readonly name: "basic" | "bearer" | "ntlm" | "negotiate" | "" }
  /** Any other scheme; the name in lower case, at most 32 characters of it, token characters only. */
  | { readonly scheme: "other"; readonly name: string };

/** Further credentials: of a second `Authorization`, for a web proxy, or a removed cookie. */
export interface OtherCredentials {
  readonly field: "authorization" | "proxy-authorization" | "cookie";
  readonly scheme: Authorization["scheme"];
  /** Basic with an account and a password in it. */
  readonly isPassword: boolean;
}

/** Scheme and names of parameters as captured, values unquoted. A Map because names are hostile. */
export interface ChallengeScheme {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
  /** The bare value after the scheme (NTLM and Negotiate blobs); empty for parameters and for nothing. */
  readonly token68: string;
}

/** The parameters of a Bearer challenge (protocol.md §2.2). */
export interface BearerChallenge {
  readonly clientId: string;
  readonly realm: string;
  readonly trustedIssuers: readonly Principal[];
  readonly tokenTypes: readonly string[];
  readonly authorizationUri: string;
  readonly error: string;
  /** `AzureAD` or `ADFS` as captured; empty when absent. */
  readonly issuerKind: string;
  /** What the server demands of the next token; null unless the challenge has `claims`. */
  readonly demanded: DemandedClaims | null;
}

/** The decoded `claims` of a challenge (OpenID Connect Core 5.5): names of claims that the access token must carry (hostile text). */
export interface DemandedClaims {
  readonly names: readonly string[];
  /** The earliest accepted time of issue (`nbf`), epoch milliseconds; null when not demanded. */
  readonly notBefore: number | null;
}

/** Category of `x-ms-diagnostics`; derived from number or text where the server's is missing or unknown (protocol.md §2.3). */
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

/** A closer cause named by the text of the reason. English texts only: an absent detail proves nothing. */
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
  /** `error_category` as captured; empty when absent. */
  readonly category: string;
  /** As captured: hostile text that may name users and hosts. */
  readonly reason: string;
  readonly cause: DiagnosticsCause;
  readonly detail?: DiagnosticsDetail;
}

export interface TokenRequest {
  /** As captured, or derived from the fields of the form. */
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
  /** base64url SHA-1 thumbprint of the document, without padding; null when absent (the verifier computes it). */
  readonly x5t: string | null;
  readonly certificate: Uint8Array;
}

export interface StsMetadata {
  readonly issuer: Principal | null;
  readonly realm: string;
  readonly keys: readonly MetadataKey[];
}

/** Who issued a token: ACS, Entra (by the version of the token), or the caller itself with its own certificate. */
export type TokenService = "acs" | "entra-v1" | "entra-v2" | "own-key";

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
  | "graph"
  | "metadata"
  | "sts-token"
  | "sts-metadata"
  | "ucwa"
  | "web-ticket"
  | "other";

/** The operation of a SOAP or Autodiscover request. */
export interface Operation {
  /** Local name of the first element in the SOAP body, for example `GetFolder`; token characters only. */
  readonly name: string;
  /** Distinguished folder ids in the request (`recoverableitemspurges`, `conversationhistory`…), known words only. */
  readonly folders: readonly string[];
  /** Which success sign of the procedure it is; null when it is not one. */
  readonly sign: "voicemail-greeting" | "conversation-history" | "archived-messages" | "out-of-office" | null;
}

/** `isError`: nothing in the answer succeeded. */
export interface SoapAnswer {
  readonly isError: boolean;
  /** The first error code (`ErrorAccessDenied`), letters only; empty when there is none. */
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
  /** How the operation ended, whatever the HTTP status; null when the answer does not tell. */
  readonly soapAnswer: SoapAnswer | null;
  readonly graph: GraphFacts | null;
  readonly discovery?: Discovery;
  /** A refusal by another server that the answer tells of. */ readonly reported?: Diagnostics;
  /** `X-OWA-Version`, the build of Exchange: digits and dots; empty when absent. */
  readonly exchangeVersion: string;
  /** Parts that could not be read, in words of this program. */ readonly problems: readonly string[];
}
