import type { DiagnosticsCause } from "../facts.ts";

const remedies: Readonly<Record<DiagnosticsCause, string>> = {
  invalid_signature:
    "Refresh the token service's keys on Exchange Server (Set-AuthServer -RefreshAuthMetadata); they are renewed by themselves about every 8 hours.",
  invalid_token:
    "Read the reason: an unknown issuer needs an enabled AuthServer or partner application, a profile that is not applicable needs another kind of token.",
  token_expired: "Compare the clocks of both sides, then let the caller fetch a new token.",
  invalid_resource:
    "Compare the audience with the name and scheme the request arrived under: no TLS offload in front, and a service principal name for that host.",
  invalid_tenant: "Check AuthConfig.Realm (leave it blank in a hybrid organization) and the realm of the AuthServer.",
  invalid_user:
    "Check that exactly one mailbox has the user's addresses: synchronise the user, or remove the duplicate UPN, SMTP or SIP address.",
  invalid_client:
    "Create the partner application for the caller (New-PartnerApplication) and enable it, if it is a service of the procedure.",
  internal_error: "Read the Exchange Server event log: the directory or its OAuth configuration could not be used.",
  invalid_grant:
    "For a token of Entra: grant the application its permission (full_access_as_app, EWS.AccessAsUser.All) and consent to it. For a partner application: give that one a linked account with the needed roles (Set-PartnerApplication -LinkedAccount).",
  invalid_certificate:
    "Put the auth certificate on every Exchange Server, or renew it (MonitorExchangeAuthCertificate.ps1 with -IgnoreHybridConfig $true in a hybrid organisation).",
  oauth_not_available:
    "Make the authorization server the default endpoint (IsDefaultAuthorizationEndpoint) and check the authentication policies.",
  insufficient_auth_strength:
    "Let the application sign in to the token service with a certificate instead of a client secret, and get a new token.",
  insufficient_claims:
    "Get a new token with the claims that the answer demands; where it names a tenant restriction, the network lets tokens of this tenant through only with its mark.",
  unknown: "Read the reason and the Exchange Server logs; the number is not one that is publicly explained.",
};

/** What a person does next about a refusal. English; the finding of the same cause says more. */
export function remedyOf(cause: DiagnosticsCause): string {
  return remedies[cause];
}
