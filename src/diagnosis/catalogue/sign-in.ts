// Findings about sign-ins other than OAuth: passwords, Windows authentication, federation. handshake/correlate.ts tells them
// apart.
import { microsoftHost } from "../../core/microsoft-hosts.ts";
import type { FallbackEvidence } from "../../handshake/correlation.ts";
import type { SignIn } from "../../handshake/reduce.ts";
import { findSender } from "./commands.ts";
import type { FindingTexts } from "./finding-text.ts";

interface AtHost {
  readonly host: string;
}

interface Tried extends AtHost {
  readonly answer: SignIn["answer"];
}

interface AtEndpoint extends Tried {
  /** Name of the endpoint, a fixed word. */
  readonly endpoint: string;
}

/** `A service signed in to mail with NTLM`, or tried to, by the answer it got. */
function signInClause(who: string, place: string, scheme: string, answer: SignIn["answer"]): string {
  switch (answer) {
    case "accepted":
      return `${who} signed in to ${place} with ${scheme}`;
    case "refused":
      return `${who} tried to sign in to ${place} with ${scheme} and was refused`;
    case "undecided":
      return `${who} tried to sign in to ${place} with ${scheme}, and the answer does not show how it ended`;
  }
}

/** True for Exchange Online and for the federation gateway, in every cloud. */
function isOfCloud(host: string): boolean {
  const service = microsoftHost(host)?.service;
  return service === "exchange-online" || service === "token-service";
}

const gatewayAnswers: Readonly<Record<SignIn["answer"], string>> = {
  accepted: "",
  refused: " and was refused",
  undecided: ", and the answer does not show how it ended",
};

export interface SignInDetails {
  BASIC_OFFERED: AtHost;
  BASIC_EXPECTED: AtEndpoint;
  BASIC_USED: AtEndpoint & { readonly afterBearer: boolean };
  BASIC_FALLBACK: AtEndpoint & { readonly why: FallbackEvidence };
  PROXY_PASSWORD: AtHost;
  PASSWORD_GRANT: AtHost;
  WINDOWS_AUTH_AFTER_BEARER: Tried & { readonly scheme: string };
  WINDOWS_AUTH_BY_SERVICE: Tried & { readonly scheme: string };
  EXTENDED_PROTECTION: AtHost;
  FEDERATION_USED: Tried;
  COMMON_ACCESS_TOKEN: AtHost;
}

const whys: Readonly<Record<FallbackEvidence, string>> = {
  "beside-token": "the same request carries a service's token in another field",
  "after-service-token": "the same program at the same address has used a service's token",
  "cloud-user-agent": "its User-Agent is that of a cloud service",
  "after-probe": "it had probed with an empty Bearer before",
  "service-endpoint": "only servers ask for that document",
};

export const signInTexts: FindingTexts<SignInDetails> = {
  BASIC_OFFERED: {
    severity: "info",
    summary: "The server offers Basic among its sign-in schemes, which is normal and not a fallback.",
    onTheWire: "A 401 with WWW-Authenticate: Basic, alone or beside Bearer, Negotiate and NTLM.",
    remedy: "Nothing to do. A fallback is a request that carries Authorization: Basic, not an answer that offers it.",
    step: "none",
    sentence: ({ host }) => `${host} offers Basic among its sign-in schemes.`,
  },
  BASIC_EXPECTED: {
    severity: "info",
    summary: "A person's program used Basic, as it may; this is not the service-to-service traffic.",
    onTheWire: "Authorization: Basic to /Microsoft-Server-ActiveSync or /rpc, or by Outlook, a phone or a browser.",
    remedy: "Nothing to do for this integration. Modern authentication for users is a separate project.",
    step: "none",
    sentence: ({ host, endpoint, answer }) =>
      `${signInClause("A user's program", `${host} (${endpoint})`, "Basic", answer)}.`,
  },
  BASIC_USED: {
    severity: "warning",
    summary: "Something used Basic, and nothing shows that it is the service-to-service traffic.",
    onTheWire:
      "Authorization: Basic, also after a 401 that offered Bearer, and no sign of a service: no cloud service's User-Agent, no Bearer probe, no service's token by that program.",
    remedy: "Find the program by its address and User-Agent; if it is a script or a monitor, move it off passwords.",
    step: "none",
    sentence: ({ host, endpoint, answer, afterBearer }) =>
      `${signInClause("An unidentified program", `${host} (${endpoint})`, "Basic", answer)}${afterBearer ? ", after the server had offered Bearer" : ""}.`,
  },
  BASIC_FALLBACK: {
    severity: "alarm",
    summary: "A service sent a user name and password where its token belongs: the trust is not used.",
    onTheWire:
      "Authorization: Basic (also in a second Authorization field) on EWS, Autodiscover or metadata by a cloud service's User-Agent, with the client-request-id of a Bearer probe or after one, or by a program that has used a service's token.",
    remedy:
      "Change that password, then find out why the token was not used: run Test-OAuthConnectivity -Service EWS -TargetUri https://<host>/ews/exchange.asmx -Mailbox <mailbox> | Format-List, check Get-AuthServer and Get-PartnerApplication, and remove the stored credentials from the caller.",
    step: "partner-application",
    sentence: ({ host, endpoint, answer, why }) =>
      `${signInClause("A service", `${host} (${endpoint})`, "Basic in place of a token", answer)}: ${whys[why]}.`,
  },
  PROXY_PASSWORD: {
    severity: "warning",
    summary: "A request carried a user name and password for a web proxy.",
    onTheWire: "Proxy-Authorization: Basic.",
    remedy: `The password crosses the wire readable to everybody on the way to that proxy: let the proxy admit the server by its address (Get-ExchangeServer | Format-List InternetWebProxy), or sign in with Negotiate. It says nothing about OAuth. ${findSender}`,
    step: "none",
    sentence: ({ host }) => `A request to ${host} carried a password for a web proxy.`,
  },
  PASSWORD_GRANT: {
    severity: "alarm",
    summary: "A password crossed the wire in the body of a token request.",
    onTheWire: "A form with grant_type=password, or an MsRtcOAuth (/WebTicket/oauthtoken) password grant.",
    remedy: `Change that password (Set-ADAccountPassword -Identity <account> -Reset) and find the program; a service asks for its token with a signed assertion and a user's program with modern authentication. ${findSender}`,
    step: "none",
    sentence: ({ host }) => `A token was requested from ${host} with a password grant.`,
  },
  WINDOWS_AUTH_AFTER_BEARER: {
    severity: "warning",
    summary: "A program was offered Bearer and used NTLM or Negotiate.",
    onTheWire: "A 401 that offers Bearer, then Authorization: NTLM or Negotiate by a program that is not a user's.",
    remedy:
      "Usual for load balancer probes and between front end and back end. If the caller is the service: Test-OAuthConnectivity -Service EWS -TargetUri https://<host>/ews/exchange.asmx -Mailbox <mailbox>, and Get-PartnerApplication | Format-List Name,ApplicationIdentifier,Enabled,LinkedAccount.",
    step: "partner-application",
    sentence: ({ host, scheme, answer }) =>
      `${signInClause("A program", host, scheme, answer)}, although it had been offered Bearer.`,
  },
  WINDOWS_AUTH_BY_SERVICE: {
    severity: "warning",
    summary: "A service used NTLM or Negotiate and no token.",
    onTheWire:
      "Authorization: NTLM or Negotiate with a cloud service's User-Agent, or after a probe with an empty Bearer.",
    remedy:
      "See whether OAuth is on: Get-WebServicesVirtualDirectory and Get-AutodiscoverVirtualDirectory | Format-List Identity,OAuthAuthentication; then Get-AuthServer and Get-PartnerApplication.",
    step: "oauth-exchange",
    sentence: ({ host, scheme, answer }) =>
      `${signInClause("A service", host, `${scheme} in place of a token`, answer)}.`,
  },
  EXTENDED_PROTECTION: {
    severity: "warning",
    summary: "Windows sign-ins are refused at their last message while Bearer works: likely Extended Protection.",
    onTheWire: "401 to an NTLM type 3 message, never a success, on a host that accepts tokens in the same capture.",
    remedy:
      "Extended Protection binds NTLM to the certificate that the client was shown: with a leaf of an inspection CA such a sign-in always fails, with the server's own certificate it works. Capture with watch --reverse and --pfx (or --cert and --key) of the server, or take the users' traffic out of the capture (--host). It says nothing about OAuth.",
    step: "none",
    sentence: ({ host }) =>
      `${host} refuses every NTLM sign-in at its last message while tokens are accepted: likely Extended Protection.`,
  },
  FEDERATION_USED: {
    severity: "info",
    summary:
      "A service used federation (WS-Security), which is neither OAuth nor Basic: a warning towards Exchange Online, usual between two servers of one's own.",
    onTheWire:
      "Requests to /EWS/Exchange.asmx/WSSecurity or /autodiscover/autodiscover.svc/WSSecurity, a WS-Security header in the SOAP envelope, or a request for such a token to Microsoft's federation gateway (login.microsoftonline.com/extSTS.srf).",
    remedy:
      "Between two servers of one's own it works as it is; OAuth takes its place where an enabled connector covers the domain: Get-IntraOrganizationConnector | Format-List Name,Enabled,TargetAddressDomains.",
    step: "oauth-exchange",
    sentence: ({ host, answer }) =>
      microsoftHost(host)?.service === "token-service"
        ? `A service requested a token of Microsoft's federation gateway at ${host}${gatewayAnswers[answer]} (WS-Security, not OAuth).`
        : `${signInClause("A service", host, "WS-Security (federation, not OAuth)", answer)}.`,
    severityFor: ({ host }) => (isOfCloud(host) ? "warning" : undefined),
    remedyFor: ({ host }) =>
      isOfCloud(host)
        ? "As far as public sources say, Exchange Online lets EWS in by application since October 2026, and EWS ends there on 1 April 2027: move to OAuth with the dedicated hybrid application. Get-IntraOrganizationConnector | Format-List Name,Enabled,TargetAddressDomains must show an enabled connector for the domain, Get-AuthServer | Format-List Name,Type,ApplicationIdentifier the application; without them run ConfigureExchangeHybridApplication.ps1 -FullyConfigureExchangeHybridApplication."
        : undefined,
    examples: [
      [
        "it goes to Exchange Online or Microsoft's federation gateway",
        { host: "outlook.office365.com", answer: "accepted" },
      ],
    ],
  },
  COMMON_ACCESS_TOKEN: {
    severity: "info",
    summary: "An Exchange front end spoke to a back end: its own sign-in, neither OAuth nor Basic.",
    onTheWire: "The X-CommonAccessToken header field.",
    remedy: "Nothing to do: this is traffic inside Exchange. Capture in front of the front end to see the service.",
    step: "none",
    sentence: ({ host }) => `A front end passed a user's identity on to ${host}: traffic inside Exchange.`,
  },
};
