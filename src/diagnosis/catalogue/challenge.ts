// What the server's 401 says, or fails to say.
import { askStraight } from "./commands.ts";
import type { FindingTexts } from "./finding-text.ts";

interface AtHost {
  readonly host: string;
}

export interface ChallengeDetails {
  CHALLENGE_MISSING: AtHost;
  DEVICE_IN_FRONT: AtHost & { readonly server: string; readonly status: number };
  WEB_PAGE_ANSWERED: AtHost & { readonly status: number };
  BEARER_NOT_OFFERED: AtHost;
  TOKEN_DID_NOT_FOLLOW: AtHost;
  TRUSTED_ISSUERS_UNKNOWN: AtHost;
  ISSUER_NOT_IN_CHALLENGE: AtHost & { readonly issuer: string };
  AUTHORIZATION_URI_MISSING: AtHost;
}

export const challengeTexts: FindingTexts<ChallengeDetails> = {
  CHALLENGE_MISSING: {
    severity: "warning",
    summary: "A 401 came without WWW-Authenticate: likely a device in front of Exchange answered.",
    onTheWire: "Status 401 and no WWW-Authenticate field at all (RFC 9110 11.6.1 asks for one).",
    remedy: `Let Autodiscover and EWS pass the device without pre-authentication. ${askStraight}`,
    step: "none",
    sentence: ({ host }) => `${host} answered 401 without WWW-Authenticate: likely a device in front of Exchange.`,
  },
  DEVICE_IN_FRONT: {
    severity: "warning",
    summary: "The refusal was likely not written by Exchange: a device or http.sys in front of it answered.",
    onTheWire:
      "A refusal of a service's request whose Server field is not Microsoft-IIS; Microsoft-HTTPAPI/2.0 is a Web Application Proxy or http.sys itself.",
    remedy: `Let the service's requests to Autodiscover and EWS pass that device untouched (no pre-authentication). ${askStraight}`,
    step: "none",
    sentence: ({ host, server, status }) =>
      `The ${status} of ${host} was likely not written by Exchange: its Server field says ${server}.`,
  },
  WEB_PAGE_ANSWERED: {
    severity: "warning",
    summary:
      "A service's call with a token was answered with a web page or a redirect, so something in front of EWS answered.",
    onTheWire: "POST to /EWS with a token, answered 200 with Content-Type: text/html, or 3xx: usually a sign-in page.",
    remedy: `It proves nothing about the trust. Let the service's requests pass that device without pre-authentication. ${askStraight}`,
    step: "none",
    sentence: ({ host, status }) =>
      `${host} answered a service's call with ${status === 200 ? "a web page" : `a redirect (${status})`}: likely a sign-in page of a device in front of Exchange.`,
  },
  BEARER_NOT_OFFERED: {
    severity: "warning",
    summary: "A service probed with an empty Bearer and the 401 did not offer Bearer.",
    onTheWire: "Authorization: Bearer with nothing after it, then a 401 whose schemes do not include Bearer.",
    remedy:
      "Get-WebServicesVirtualDirectory and Get-AutodiscoverVirtualDirectory | Format-List Identity,OAuthAuthentication, then Get-AuthServer | Format-List Name,Enabled,IsDefaultAuthorizationEndpoint; run iisreset after a change.",
    step: "oauth-exchange",
    sentence: ({ host }) => `${host} answered a Bearer probe without offering Bearer.`,
  },
  TOKEN_DID_NOT_FOLLOW: {
    severity: "warning",
    summary: "A service probed, was offered Bearer, and no token followed in this capture.",
    onTheWire:
      "A 401 that offers Bearer to a service's probe, and neither a token request nor a call with a token after it.",
    remedy:
      "Capture longer first. If it stays, the caller knows none of the trusted_issuers or could not get a token: on a server of yours that calls, Get-AuthServer | Format-List Name,Type,Realm,Enabled and Set-AuthServer <name> -Enabled $true; its way to the token service does not pass here.",
    step: "oauth-exchange",
    sentence: ({ host }) => `A service probed ${host}, was offered Bearer, and no token followed.`,
  },
  TRUSTED_ISSUERS_UNKNOWN: {
    severity: "warning",
    summary: "The challenge names neither a token service nor a partner that issues service-to-service tokens.",
    onTheWire:
      'WWW-Authenticate: Bearer with trusted_issuers="" or with principals none of which is the token service or a partner with its own key.',
    remedy:
      "Enable the authorization server: Get-AuthServer | Format-List Name,Type,Realm,Enabled, then Set-AuthServer <name> -Enabled $true.",
    step: "oauth-exchange",
    sentence: ({ host }) =>
      `The challenge of ${host} names no token service that is known for service-to-service tokens.`,
  },
  ISSUER_NOT_IN_CHALLENGE: {
    severity: "error",
    summary: "The token was issued by someone whom the server's own challenge does not name.",
    onTheWire: "The signed token's iss is not among the trusted_issuers of the challenge (a realm of * takes all).",
    remedy:
      "Compare Get-AuthServer | Format-List Name,IssuerIdentifier,Realm,Enabled with the issuer of the token; Set-AuthServer <name> -RefreshAuthMetadata, or create the missing one with New-AuthServer.",
    step: "oauth-exchange",
    isServersToJudge: true,
    sentence: ({ host, issuer }) => `The token's issuer ${issuer} is not among the trusted issuers of ${host}.`,
  },
  AUTHORIZATION_URI_MISSING: {
    severity: "info",
    summary: "The challenge has no authorization_uri: no authorization server is the default one.",
    onTheWire: "WWW-Authenticate: Bearer without authorization_uri.",
    remedy:
      "Matters only for users' modern authentication: Set-AuthServer -Identity <EvoSTS name> -IsDefaultAuthorizationEndpoint $true.",
    step: "none",
    sentence: ({ host }) => `The Bearer challenge of ${host} has no authorization_uri.`,
  },
};
