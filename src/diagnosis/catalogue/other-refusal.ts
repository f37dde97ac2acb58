// Refusals that do not affect the verdict of a handshake: of tokens that are a person's or not in the capture, and those that the
// output of Microsoft's tests shows.
import type { FindingTexts } from "./finding-text.ts";

interface OtherRefusal {
  readonly host: string;
  /** `401, 2000003 invalid_resource`: digits and fixed words. */
  readonly answer: string;
  /** The finding that says what such a refusal means. */
  readonly see: string;
}

interface OfTest {
  /** The host that the test called; empty when the output does not name it. */
  readonly server: string;
}

export interface OtherRefusalDetails {
  /** `program` is a fixed text with the application's id. */
  USER_TOKEN_REFUSED: OtherRefusal & { readonly program: string };
  UNSEEN_TOKEN_REFUSED: OtherRefusal;
  REFUSAL_REPORTED: OtherRefusal;
  WEB_PROXY_REFUSED: OfTest & { readonly proxy: string; readonly status: number };
  SIGNING_CERTIFICATE_MISSING: object;
  CONNECTIVITY_TEST_FAILED: OfTest & {
    readonly cmdlet: string;
    readonly status: number;
    readonly hasChallenge: boolean;
  };
  CONNECTIVITY_TEST_PASSED: OfTest & { readonly cmdlet: string };
}

const serverOf = ({ server }: OfTest): string => (server === "" ? "the server" : server);

export const otherRefusalTexts: FindingTexts<OtherRefusalDetails> = {
  USER_TOKEN_REFUSED: {
    severity: "warning",
    summary:
      "The token of a person's program was refused: users' modern authentication, not the service-to-service trust.",
    onTheWire: "401 to a delegated token (scp), an id token, or a Bearer value of a program that is not a service.",
    remedy:
      "See what the named finding says of such a refusal (realmscope findings CODE). For a person's program the audience must be this server (https://<host>/), and Get-AuthServer | Format-List Name,IssuerIdentifier,Enabled,IsDefaultAuthorizationEndpoint must show the issuer of the token.",
    step: "none",
    sentence: ({ host, program, answer, see }) =>
      `${host} refused the token of ${program}, not of a service (${answer}): see ${see}.`,
  },
  UNSEEN_TOKEN_REFUSED: {
    severity: "warning",
    summary: "An answer refuses a token that this capture does not show.",
    onTheWire:
      '401 with x-ms-diagnostics, or with error="invalid_token", to a request without Authorization or with a marker in its place.',
    remedy:
      "Capture or export again with the credentials, so that the caller can be named; see what the named finding says of such a refusal (realmscope findings CODE).",
    step: "none",
    sentence: ({ host, answer, see }) =>
      `${host} refused a token that this capture does not show (${answer}): see ${see}.`,
  },
  REFUSAL_REPORTED: {
    severity: "error",
    summary: "An answer tells that another server, Exchange Server, refused the token of the cloud.",
    onTheWire:
      'An answer of Outlook on the web or GetUserAvailability with "Proxy web request failed … (401) … diagnostics: 2000005;reason=…" in it.',
    remedy:
      "See what the named finding says of such a refusal (realmscope findings CODE), and capture the call where it arrives: at the Exchange Server that refused it (realmscope watch --reverse).",
    step: "none",
    sentence: ({ host, answer, see }) =>
      `${host} tells that another server (Exchange Server) refused its token (${answer}): see ${see}.`,
  },
  WEB_PROXY_REFUSED: {
    severity: "error",
    summary:
      "The web proxy on the way out refused the connection: the other side was not reached, and no token was involved.",
    onTheWire:
      "Test-OAuthConnectivity fails with a status that GetRequestStream throws, before any challenge; its log may name the InternetWebProxy.",
    remedy:
      "Get-ExchangeServer | Format-List Name,InternetWebProxy on the server that asked; let that proxy pass its hosts (outlook.office365.com, login.microsoftonline.com, accounts.accesscontrol.windows.net) for the server without a sign-in, then run the test again.",
    step: "none",
    sentence: ({ proxy, status, ...test }) =>
      `The web proxy${proxy === "" ? "" : ` ${proxy}`} on the way out answered ${status} before ${serverOf(test)} was reached, so no token was involved.`,
  },
  SIGNING_CERTIFICATE_MISSING: {
    severity: "error",
    summary: "Exchange Server has no certificate to sign its token requests with.",
    onTheWire:
      'Nothing: no request is sent. Test-OAuthConnectivity says "Missing signing certificate", and MSExchange OAuth writes an event that names the thumbprint.',
    remedy:
      "Get-AuthConfig | Format-List CurrentCertificateThumbprint names the certificate; Get-ExchangeCertificate | Format-List Thumbprint,NotAfter,HasPrivateKey on this server must list it with its private key. If not, renew it: MonitorExchangeAuthCertificate.ps1 -ValidateAndRenewAuthCertificate $true -IgnoreHybridConfig $true.",
    step: "export-certificate",
    sentence: () => "Exchange Server has no certificate, or not its private key, to sign its token requests with.",
  },
  CONNECTIVITY_TEST_FAILED: {
    severity: "error",
    summary: "Microsoft's test of the trust failed, and its output names no cause that is known here.",
    onTheWire: "ResultType Error, or an exception with an HTTP status in the output of the cmdlet.",
    remedy:
      "Run the test again with its whole output (| Format-List *), and capture the call at the server that answers (realmscope watch); with a 500 or 503 read its event log and HttpProxy logs of that minute.",
    step: "verify-success",
    sentence: ({ cmdlet, status, hasChallenge, ...test }) =>
      status === 0
        ? `${cmdlet} failed without naming a status.`
        : `${cmdlet} failed: ${serverOf(test)} answered ${status}${hasChallenge ? " after its challenge, to a request with a token" : ""}.`,
  },
  CONNECTIVITY_TEST_PASSED: {
    severity: "info",
    summary: "Microsoft's test of the trust passed: for the server on which it ran, in the direction of its call.",
    onTheWire: "ResultType Success in the output of the cmdlet.",
    remedy:
      "Run it on each server, and from the other side for the other direction: it proves neither another server nor another caller.",
    step: "verify-success",
    sentence: ({ cmdlet, server }) =>
      `${cmdlet} passed: the server on which it ran${server === "" ? "" : ` may call ${server}`}; other servers, other callers and the other direction are not tested.`,
  },
};
