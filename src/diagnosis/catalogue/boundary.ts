// Findings about signatures, token layers and tenants, which keep one application or tenant from impersonating another.
import { microsoftHost } from "../../core/microsoft-hosts.ts";
import { findSender, listBuilds, moveToDedicatedApp, probeDirectly, switchIdentity } from "./commands.ts";
import type { FindingTexts } from "./finding-text.ts";

interface Caller {
  readonly caller: string;
}

export interface BoundaryDetails {
  OUTER_SIGNED: Caller;
  ACTOR_UNSIGNED: Caller;
  ACTOR_UNREADABLE: Caller & { readonly problem: string };
  UNSIGNED_TOKEN: Caller;
  UNSIGNED_TOKEN_ACCEPTED: Caller & { readonly host: string };
  ALG_UNEXPECTED: { readonly alg: string; readonly layer: string };
  KEY_FROM_TOKEN: { readonly members: string };
  CRITICAL_HEADER: object;
  DUPLICATE_CLAIMS: { readonly names: string; readonly layer: string };
  CALLER_NOT_PROVEN: Caller & { readonly doubt: keyof typeof doubts };
  /** `near` is the token service whose name the issuer nearly matches; empty when there is none. */
  TOKEN_SERVICE_UNKNOWN: { readonly issuer: string; readonly near: string };
  CROSS_TENANT_ACTOR: { readonly outer: string; readonly actor: string };
  ACTOR_TOKEN_FOR_GRAPH: Caller;
  USER_OF_OTHER_TENANT: { readonly tenant: string; readonly realm: string };
  SIGNATURE_FAILED: { readonly token: string; readonly keyId: string; readonly source: string };
  SIGNING_KEYS_IGNORED: { readonly host: string; readonly scheme: string };
  SIGNATURE_NO_KEY: { readonly token: string; readonly keyId: string };
  /** `isBefore`: the capture is from before the block. */
  SHARED_SERVICE_PRINCIPAL: { readonly host: string; readonly use: "call" | "token"; readonly isBefore: boolean };
}

function otherCloud(host: string): string | undefined {
  const cloud = microsoftHost(host)?.cloud ?? "global";
  return cloud === "global"
    ? undefined
    : `${moveToDedicatedApp} Outside the global cloud the script needs -AzureEnvironment with the name of yours.`;
}

const doubts = {
  "caller-missing": "its signed part names no caller (no nameid, or no appid)",
  "caller-is-no-application": "its signed part names no application as the caller",
  "realm-missing": "its signed part names no realm for the caller",
  "issuer-realm-missing": "its issuer's name has no realm",
  "other-realm": "the caller's realm is not the issuer's",
  "outer-issuer-missing": "the outer token names no application as its issuer",
  "outer-realm-missing": "the outer token's issuer has no realm",
} as const;

export const boundaryTexts: FindingTexts<BoundaryDetails> = {
  OUTER_SIGNED: {
    severity: "error",
    summary: "The outer token of a call as a user carries a signature, and must not.",
    onTheWire:
      'A token with an actortoken whose third part is not empty; alg "none" with an empty signature is right ([MS-XOAUTH] 3.2.5.6).',
    remedy: `The caller must send the outer token unsigned; the actor token inside carries the signature. ${findSender}`,
    step: "none",
    isServersToJudge: true,
    sentence: ({ caller }) => `The outer token of ${caller} is signed; only its actor token may be.`,
  },
  ACTOR_UNSIGNED: {
    severity: "alarm",
    summary: "The actor token inside an unsigned outer token has no signature: nothing vouches for the caller.",
    onTheWire: "An actortoken whose third part is empty.",
    remedy: `No token service makes such a token: check that Exchange refused it. ${findSender}`,
    step: "none",
    sentence: ({ caller }) => `The actor token of ${caller} has no signature.`,
  },
  ACTOR_UNREADABLE: {
    severity: "warning",
    summary: "The actor token inside an outer token cannot be read.",
    onTheWire: "An actortoken claim that is not a JWT.",
    remedy: `A device that cuts long header fields is a usual cause. ${probeDirectly}`,
    step: "none",
    sentence: ({ caller, problem }) => `The actor token of ${caller} cannot be read: ${problem}.`,
  },
  UNSIGNED_TOKEN: {
    severity: "error",
    summary: "A token without signature and without actor token was presented.",
    onTheWire: 'A Bearer token with an empty third part (alg "none") and no actortoken.',
    remedy: `Only an outer token around a signed actor token may be unsigned. ${findSender}`,
    step: "none",
    sentence: ({ caller }) => `A token of ${caller} has neither a signature nor an actor token.`,
  },
  UNSIGNED_TOKEN_ACCEPTED: {
    severity: "alarm",
    summary: "The server accepted a call with a token that nobody signed.",
    onTheWire: "A 2xx to a Bearer token without any signature, on an endpoint that asks for authentication.",
    remedy: `Treat it as an open door: find what answers under this name, and whether it is Exchange at all. ${probeDirectly} ${listBuilds}`,
    step: "none",
    sentence: ({ caller, host }) => `${host} accepted a call of ${caller} with a token that nobody signed.`,
  },
  ALG_UNEXPECTED: {
    severity: "error",
    summary: "The token's algorithm is not one that such a token may have.",
    onTheWire:
      "A signed token whose alg is not RS, PS or ES with SHA-2 (HS256, nOnE, empty), or alg none with a signature.",
    remedy: `Check that the token was refused; no server should take a token with this alg. ${findSender}`,
    step: "none",
    remedyFor: ({ alg }) => {
      const first = algorithmCause(alg);
      return first === "" ? undefined : `${first} ${findSender}`;
    },
    examples: [
      ["alg is HS256, HS384 or HS512", { alg: "HS256" }],
      ["alg is missing", { alg: "(none given)" }],
      ["alg says none, in whatever spelling", { alg: "nOnE" }],
    ],
    sentence: ({ alg, layer }) => `The ${layer} has alg ${alg}, which it must not have.`,
  },
  KEY_FROM_TOKEN: {
    severity: "warning",
    summary: "The token's header names its own key, which must not be trusted.",
    onTheWire: "jku, x5u, jwk or x5c in the header of a token (RFC 7515 4.1; RFC 8725 3.5).",
    remedy: `realmscope does not use that key. Check that no verifier in your system does. ${findSender}`,
    step: "none",
    sentence: ({ members }) => `A token's header names its own key (${members}).`,
  },
  CRITICAL_HEADER: {
    severity: "warning",
    summary: "The token's header demands an extension that is not known, so nobody may accept it.",
    onTheWire: "crit in the header of a token (RFC 7515 4.1.11).",
    remedy: `No token service of this integration makes such tokens. ${findSender}`,
    step: "none",
    sentence: () => "A token's header demands an extension that is not known (crit).",
  },
  DUPLICATE_CLAIMS: {
    severity: "warning",
    summary: "A token names the same member twice, so two readers can understand two different things.",
    onTheWire: "A repeated name in the token's header or claims (RFC 7515 4, RFC 7519 4).",
    remedy: `No token service makes such tokens. ${findSender}`,
    step: "none",
    sentence: ({ names, layer }) => `The ${layer} names a member twice: ${names}.`,
  },
  CALLER_NOT_PROVEN: {
    severity: "error",
    summary: "The signed part of the token does not prove who calls: whatever answers to it, no trust is confirmed.",
    onTheWire:
      "An actor token whose nameid is missing, is a person or has no realm (id@realm), or an outer token without the same application in iss ([MS-XOAUTH] 3.2.5.6).",
    remedy: `No token service makes such a token: find out what made it, and what answered it if it was accepted. ${findSender}`,
    step: "none",
    sentence: ({ caller, doubt }) => `A token of ${caller} does not prove who calls: ${doubts[doubt]}.`,
  },
  TOKEN_SERVICE_UNKNOWN: {
    severity: "error",
    summary: "A token that speaks for an application was issued by something that is not a known token service.",
    onTheWire:
      "iss of an actor token is not 00000001-0000-0000-c000-000000000000@<tenant>, or iss of an Entra token is not a Microsoft sign-in address.",
    remedy: `Get-AuthServer | Format-List Name,IssuerIdentifier,Realm,Enabled: the issuer must be there, letter by letter. If it is a token service of yours, name it in realmscope.config.json: "applications": { "<id>": "<name>" }. ${findSender}`,
    step: "oauth-exchange",
    sentence: ({ issuer, near }) =>
      `The token's issuer ${issuer === "" ? "(none)" : issuer} is not a known token service${near === "" ? "" : `, but a near miss of ${near}`}.`,
  },
  CROSS_TENANT_ACTOR: {
    severity: "alarm",
    summary: "An actor token of one tenant is used in the name of another: the pattern of CVE-2025-55241.",
    onTheWire: "The tenant in iss or aud of the outer token differs from the tenant that issued the actor token.",
    remedy: `Treat it as an attack until it is explained, and see whether it was accepted. ${findSender} ${listBuilds}`,
    step: "none",
    sentence: ({ outer, actor }) => `An actor token of tenant ${actor} is used in the name of tenant ${outer}.`,
  },
  ACTOR_TOKEN_FOR_GRAPH: {
    severity: "alarm",
    summary: "An actor token for the retired Azure AD Graph was seen: the target of CVE-2025-55241.",
    onTheWire: "An actor token whose audience is graph.windows.net or 00000002-0000-0000-c000-000000000000.",
    remedy: `Nothing in this integration needs it. Treat it as an attack until it is explained. ${findSender}`,
    step: "none",
    sentence: ({ caller }) => `An actor token of ${caller} is meant for Azure AD Graph.`,
  },
  USER_OF_OTHER_TENANT: {
    severity: "alarm",
    summary: "The user in the outer token is of another tenant than the application that acts for them.",
    onTheWire: "tid of the outer token differs from the tenant that issued the actor token.",
    remedy: `Treat it as an attack until it is explained, and see whether it was accepted. ${findSender} ${listBuilds}`,
    step: "none",
    sentence: ({ tenant, realm }) => `An application of tenant ${realm} acts for a user of tenant ${tenant}.`,
  },
  SIGNATURE_FAILED: {
    severity: "error",
    summary: "The token's signature does not match the key that it names.",
    onTheWire:
      "Checked here with a key that a token service gave over TLS (https://<token service>/…/metadata/json/1 in the capture), of --metadata or of --auth-cert.",
    remedy:
      "If the key is old: Set-AuthServer <name> -RefreshAuthMetadata on Exchange (it does so by itself every 8 hours) and capture the metadata again. If it is current, the token was forged or damaged.",
    step: "oauth-exchange",
    sentence: ({ token, keyId, source }) =>
      `The signature of the token in ${token} does not match key ${keyId}: ${source}.`,
  },
  SIGNING_KEYS_IGNORED: {
    severity: "warning",
    summary:
      "A host that is not a token service, or a connection without TLS, offered signing keys of a token service; they were not used.",
    onTheWire:
      "A metadata document of the token service (its issuer, or its path) from another host than a Microsoft token service, or over http://.",
    remedy: `Whoever can put such a document there can sign tokens. Get-AuthServer | Format-List Name,AuthMetadataUrl must show https addresses of Microsoft's token service only; name a token service of your own with --metadata FILE. ${findSender}`,
    step: "oauth-exchange",
    sentence: ({ host, scheme }) =>
      `${scheme}://${host} gave signing keys as a token service does; they were not used to verify anything.`,
  },
  SIGNATURE_NO_KEY: {
    severity: "info",
    summary: "No key is known for the token's signature, so it was not checked.",
    onTheWire:
      "The token's x5t or kid is in no STS metadata document of the capture, nor in --metadata or --auth-cert.",
    remedy:
      "Save https://accounts.accesscontrol.windows.net/<tenant>/metadata/json/1 (AuthMetadataUrl of Get-AuthServer in other clouds) and name it with --metadata; for self-issued and direct-trust tokens give --auth-cert.",
    step: "none",
    sentence: ({ token, keyId }) => `No key ${keyId} is known to check the token in ${token}.`,
  },
  SHARED_SERVICE_PRINCIPAL: {
    severity: "error",
    summary:
      "Exchange Server presents itself to Exchange Online as the shared service principal, whose EWS access is blocked for good since 31 October 2025 (a warning in a capture from before).",
    onTheWire:
      "A token of 00000002-0000-0ff1-ce00-000000000000 for or at a host of Exchange Online, in any of Microsoft's clouds, or a token request of it for such a resource.",
    remedy: `${moveToDedicatedApp} Where Get-AuthServer | Format-List Name,ApplicationIdentifier shows the application already, its setting override is missing (the hybrid wizard does not make it): ${switchIdentity}; or this server has an older build. ${listBuilds}`,
    step: "oauth-exchange",
    outlivesRecovery: true,
    remedyFor: ({ host }) => otherCloud(host),
    examples: [["the host is of another cloud", { host: "partner.outlook.cn" }]],
    sentence: ({ host, use, isBefore }) =>
      `Exchange Server ${use === "call" ? "calls" : "asks for or holds a token for"} ${host} as the shared service principal, whose EWS access Exchange Online ${isBefore ? "has blocked since 31 October 2025, after this capture" : "blocks since 31 October 2025"}.`,
    severityFor: ({ isBefore }) => (isBefore ? "warning" : undefined),
  },
};

function algorithmCause(alg: string): string {
  if (alg === "(none given)")
    return "The header names no alg, which RFC 7515 4.1.1 requires: libraries write it when they sign, so the caller makes its header by hand, or leaves an unsigned outer token without alg none. Correct the caller.";
  if (/^HS\d/i.test(alg))
    return "A public key must never serve as a shared secret (RFC 8725 2.1): check that the token was refused, and that no verifier accepts HMAC where it expects RSA.";
  return /^none$/i.test(alg)
    ? "The token says that it is not signed and has a signature, or spells none otherwise: check that it was refused, as some verifiers once accepted it (RFC 8725 3.1, 3.2)."
    : "";
}
