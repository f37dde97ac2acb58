// Findings about the server's 401 and its challenge.
import { type CloudName, microsoftHost } from "../../core/microsoft-hosts.ts";
import { listAuthServers, probeDirectly } from "./commands.ts";
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
  /** `signIn`: where the challenge sends a person to sign in: AD FS, or the token service of a cloud; `unknown` elsewhere. */
  TRUSTED_ISSUERS_UNKNOWN: AtHost & { readonly signIn: CloudName | "adfs" | "unknown" };
  /** `application`: the id that the challenge names, with its name where it is well known; empty where it names none. */
  CHALLENGE_OF_ANOTHER_APPLICATION: AtHost & { readonly application: string };
  ISSUER_NOT_IN_CHALLENGE: AtHost & { readonly issuer: string };
  AUTHORIZATION_URI_MISSING: AtHost;
}

const enableAcs = `${listAuthServers}: the one of Type MicrosoftACS is the token service; where it is there and switched off, Set-AuthServer <its name> -Enabled $true, where it is missing, step 1 of the procedure makes it (realmscope provision plan explains it).`;

const tokenHosts: Readonly<Record<Exclude<CloudName, "global">, string>> = {
  "us-government": "the US government clouds: AuthMetadataUrl must name login.microsoftonline.us",
  china: "the cloud of 21Vianet, for which Microsoft's page says that not everything of this procedure works",
  "sovereign-fr": "Bleu: token service login.sovcloud-identity.fr",
  "sovereign-de": "Delos: token service login.sovcloud-identity.de",
};

const signInWords: Readonly<Record<ChallengeDetails["TRUSTED_ISSUERS_UNKNOWN"]["signIn"], string>> = {
  unknown: "",
  global: "",
  adfs: ", and sends people to AD FS",
  "us-government": ", and sends people to the token service of the US government clouds",
  china: ", and sends people to the token service of 21Vianet",
  "sovereign-fr": ", and sends people to the token service of Bleu",
  "sovereign-de": ", and sends people to the token service of Delos",
};

function issuersRemedy(signIn: ChallengeDetails["TRUSTED_ISSUERS_UNKNOWN"]["signIn"]): string | undefined {
  if (signIn === "unknown" || signIn === "global") return undefined;
  if (signIn === "adfs")
    return `The server sends people to AD FS, which issues no tokens for services: nothing is wrong with it, and nothing is to be switched on. Where services of the cloud shall call, the organisation needs the hybrid configuration with Exchange Online first: ${listAuthServers} and Get-IntraOrganizationConnector show what is there, realmscope provision plan what is missing.`;
  return `The server belongs to ${tokenHosts[signIn]}. Compare Get-AuthServer | Format-List Name,Type,Realm,AuthMetadataUrl,Enabled with the documentation of that cloud before anything is switched on; realmscope provision plan takes its addresses with --cloud.`;
}

export const challengeTexts: FindingTexts<ChallengeDetails> = {
  CHALLENGE_MISSING: {
    severity: "warning",
    summary: "A 401 came without WWW-Authenticate: likely a device in front of Exchange answered.",
    onTheWire: "Status 401 and no WWW-Authenticate field at all (RFC 9110 11.6.1 asks for one).",
    remedy: `Let Autodiscover and EWS pass the device without pre-authentication. ${probeDirectly}`,
    step: "none",
    sentence: ({ host }) => `${host} answered 401 without WWW-Authenticate: likely a device in front of Exchange.`,
  },
  DEVICE_IN_FRONT: {
    severity: "warning",
    summary: "The refusal was likely not written by Exchange: a device or http.sys in front of it answered.",
    onTheWire:
      "A refusal of a service's request whose Server field is not Microsoft-IIS; Microsoft-HTTPAPI/2.0 is a Web Application Proxy or http.sys itself.",
    remedy: `Let the service's requests to Autodiscover and EWS pass that device untouched (no pre-authentication). ${probeDirectly}`,
    step: "none",
    sentence: ({ host, server, status }) =>
      `The ${status} of ${host} was likely not written by Exchange: its Server field says ${server}.`,
  },
  WEB_PAGE_ANSWERED: {
    severity: "warning",
    summary:
      "A service's call with a token was answered with a web page or a redirect, so something in front of EWS or Microsoft Graph answered.",
    onTheWire:
      "POST to /EWS with a token, answered 200 with Content-Type: text/html, or 3xx: usually a sign-in page. Also a call to Microsoft Graph that is answered 200 with text/html.",
    remedy: `It proves nothing about the trust. Let the service's requests pass that device without pre-authentication. ${probeDirectly}`,
    step: "none",
    sentence: ({ host, status }) =>
      `${host} answered a service's call with ${status === 200 ? "a web page" : `a redirect (${status})`}: likely a sign-in page of ${microsoftHost(host) === null ? "a device in front of Exchange" : "the web proxy on the way to it"}.`,
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
      "Capture longer first. If it stays, the caller knows none of the trusted_issuers or could not get a token: on a server of yours that calls, Get-AuthServer | Format-List Name,Type,Realm,Enabled must show the one of Type MicrosoftACS enabled; its way to the token service does not pass here.",
    step: "oauth-exchange",
    sentence: ({ host }) => `A service probed ${host}, was offered Bearer, and no token followed.`,
  },
  TRUSTED_ISSUERS_UNKNOWN: {
    severity: "warning",
    summary: "The challenge names neither a token service nor a partner that issues service-to-service tokens.",
    onTheWire:
      'WWW-Authenticate: Bearer with trusted_issuers="" or with principals none of which is the token service or a partner with its own key.',
    remedy: enableAcs,
    step: "oauth-exchange",
    sentence: ({ host, signIn }) =>
      `The challenge of ${host} names no token service that is known for service-to-service tokens${signInWords[signIn]}.`,
    remedyFor: ({ signIn }) => issuersRemedy(signIn),
    examples: [
      ["the challenge sends people to AD FS", { signIn: "adfs" }],
      ["the challenge sends people to 21Vianet's token service", { signIn: "china" }],
      ["the challenge sends people to that of the US government clouds", { signIn: "us-government" }],
    ],
  },
  CHALLENGE_OF_ANOTHER_APPLICATION: {
    severity: "warning",
    summary: "The challenge of the server names neither Exchange nor a known issuer.",
    onTheWire:
      "WWW-Authenticate: Bearer whose client_id is missing or not 00000002-0000-0ff1-ce00-000000000000, without a known principal in trusted_issuers.",
    remedy: `Find out what answers under this name: another application, or another path than Autodiscover and EWS. Its challenge says nothing about the authorization servers of Exchange, so change none of them. ${probeDirectly}`,
    step: "none",
    sentence: ({ host, application }) =>
      `The challenge of ${host} ${application === "" ? "names no application" : `is that of the application ${application}`}, not Exchange, so a token for Exchange is likely refused there.`,
  },
  ISSUER_NOT_IN_CHALLENGE: {
    severity: "error",
    summary: "The token was issued by someone whom the server's own challenge does not name.",
    onTheWire: "The signed token's iss is not among the trusted_issuers of the challenge (a realm of * takes all).",
    remedy:
      "Compare Get-AuthServer | Format-List Name,IssuerIdentifier,Realm,Enabled with the issuer of the token; where it is your own tenant's, Set-AuthServer <name> -RefreshAuthMetadata, or step 1 of the procedure for one that is missing (realmscope provision plan explains it). Trust no issuer that you do not know.",
    step: "oauth-exchange",
    isServersToJudge: true,
    sentence: ({ host, issuer }) => `The token's issuer ${issuer} is not among the trusted issuers of ${host}.`,
  },
  AUTHORIZATION_URI_MISSING: {
    severity: "info",
    summary: "The challenge has no authorization_uri: no authorization server is the default one.",
    onTheWire: "WWW-Authenticate: Bearer without authorization_uri.",
    remedy:
      "Matters only for users' modern authentication. Set-AuthServer -Identity <EvoSTS name> -IsDefaultAuthorizationEndpoint $true switches it on and changes how every user's program signs in: plan it first.",
    step: "none",
    sentence: ({ host }) => `The Bearer challenge of ${host} has no authorization_uri.`,
  },
};
