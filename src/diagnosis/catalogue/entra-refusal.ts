// Refusals of tokens that Entra issued to an application: permissions, sign-in method, claims that the next token needs.
import { microsoftHost } from "../../core/microsoft-hosts.ts";
import { isoTime } from "../../core/printable-text.ts";
import { listAuthServers, updateAppCertificate } from "./commands.ts";
import type { FindingTexts } from "./finding-text.ts";
import { graphPermissions } from "./graph-permissions.ts";
import { type Refusal, refusalClause } from "./refusal-details.ts";

export interface EntraRefusalDetails {
  REFUSED_PERMISSIONS: Refusal;
  CLIENT_CERTIFICATE_REQUIRED: Refusal;
  /** `claims`: names of the demanded claims; `issuedAfter`: epoch milliseconds. */
  CLAIMS_CHALLENGE: Refusal & { readonly claims: string; readonly issuedAfter: number | null };
  TENANT_RESTRICTED: Refusal;
  DEDICATED_APP_REFUSED: Refusal;
}

// "Deploy dedicated Exchange hybrid app": up to an hour until every server uses the new identity.
function dedicatedAppRemedy(permissions: string): string {
  return `If it was set up within the hour, wait, or let the servers read it at once: Get-ExchangeDiagnosticInfo -Process Microsoft.Exchange.Directory.TopologyService -Component VariantConfiguration -Argument Refresh on each. If not, check that it is the one that ${listAuthServers} names, its permission (${permissions}) with admin consent, and its certificate (${updateAppCertificate}).`;
}

const demandWords = ({ claims, issuedAfter }: EntraRefusalDetails["CLAIMS_CHALLENGE"]): string => {
  if (issuedAfter !== null) return ` issued after ${isoTime(issuedAfter)}`;
  return claims === "" ? "" : ` with the claims ${claims}`;
};

export const entraRefusalTexts: FindingTexts<EntraRefusalDetails> = {
  REFUSED_PERMISSIONS: {
    severity: "error",
    summary: "The token of an Entra application carries none of the permissions that the call needs.",
    onTheWire:
      "x-ms-diagnostics 2000008, invalid_grant, with a reason that the token contains no permissions, or with the permissions that are required: neither roles nor scp that is enough.",
    remedy:
      "Grant the Entra application its permission on Office 365 Exchange Online and consent to it as an administrator: full_access_as_app for an application, EWS.AccessAsUser.All for a person, or the one that the reason names. Then a new token: realmscope decode shows its roles and scp. Partner applications and linked accounts play no part in it.",
    step: "none",
    sentence: (refusal) => `${refusalClause(refusal)}: the token carries no permission that is enough for this call.`,
  },
  CLIENT_CERTIFICATE_REQUIRED: {
    severity: "error",
    summary: "The application got its token with a secret; this access asks for one got with a certificate.",
    onTheWire:
      "x-ms-diagnostics 2000010, insufficient_auth_strength (published: presented auth strength was 1, required is 2); appidacr of the token is 1.",
    remedy:
      "Nothing is wrong with the trust. Let the application sign in to the token service with a certificate (client_assertion) in place of its client secret, then get a new token: realmscope decode shows appidacr 2.",
    step: "none",
    sentence: (refusal) =>
      `${refusalClause(refusal)}: the application signed in with a secret, and must sign in with a certificate to get a token that is enough here.`,
  },
  CLAIMS_CHALLENGE: {
    severity: "error",
    summary:
      "The server asks for a new token with more in it (a claims challenge): continuous access evaluation has revoked the one that was sent.",
    onTheWire:
      '401 with error="insufficient_claims" and claims="<base64 JSON>" in WWW-Authenticate: Bearer; the JSON names what the next access token must carry.',
    remedy:
      "The caller must ask the token service for a new token and hand on these claims (claims in its token request; realmscope decode opens them); a cached token does not help. If it comes back with a new token, look for what revoked it: the sign-in logs of Entra, a disabled application, a changed location.",
    step: "none",
    sentence: (refusal) =>
      `${refusalClause(refusal)} and asks for a new token${demandWords(refusal)} (insufficient_claims).`,
  },
  TENANT_RESTRICTED: {
    severity: "error",
    summary: "Tenant restrictions of the network the call comes from do not let this token through.",
    onTheWire:
      "x-ms-diagnostics 2000020, insufficient_claims, with a reason about sec-tenant-restriction-access-policy or xms_trpid.",
    remedy:
      "Tenant restrictions v2 mark the requests of this network (sec-Restrict-Tenant-Access-Policy, set by a web proxy, a Windows policy or Global Secure Access), and the token was got without that mark. Let the servers' requests to the token service take the same way as those to Exchange Online, or exempt both: Get-ExchangeServer | Format-List Name,InternetWebProxy, and the cross-tenant access settings of the tenant.",
    step: "none",
    sentence: (refusal) => `${refusalClause(refusal)}: tenant restrictions do not let this token through.`,
  },
  DEDICATED_APP_REFUSED: {
    severity: "warning",
    summary:
      "An Entra application's token was refused; after a dedicated hybrid application is set up this is usual for an hour.",
    onTheWire:
      "A refusal, often 401, of a token of Entra whose appid (v1) or azp (v2) is the organisation's own application, named in the configuration or not; only the one of --hybrid-app when it is given.",
    remedy: dedicatedAppRemedy("full_access_as_app"),
    step: "oauth-exchange",
    remedyFor: ({ host }) =>
      microsoftHost(host)?.service === "graph"
        ? dedicatedAppRemedy(graphPermissions.map(({ permission }) => permission).join(", "))
        : undefined,
    examples: [["Microsoft Graph refused it", { host: "graph.microsoft.com" }]],
    sentence: (refusal) =>
      `${refusalClause(refusal)}: usual for up to 60 minutes after a dedicated hybrid application is set up.`,
  },
};
