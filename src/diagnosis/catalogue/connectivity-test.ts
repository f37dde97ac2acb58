// Findings about the output of Microsoft's own tests.
import type { FindingTexts } from "./finding-text.ts";

interface OfTest {
  /** The host that the test called; empty when the output does not name it. */
  readonly server: string;
}

export interface ConnectivityTestDetails {
  WEB_PROXY_REFUSED: OfTest & { readonly proxy: string; readonly status: number };
  SIGNING_CERTIFICATE_MISSING: object;
  OAUTH_TEST_FAILED: OfTest & { readonly cmdlet: string; readonly status: number; readonly hasChallenge: boolean };
  OAUTH_TEST_PASSED: OfTest & { readonly cmdlet: string };
}

const serverOf = ({ server }: OfTest): string => (server === "" ? "the server" : server);

export const connectivityTestTexts: FindingTexts<ConnectivityTestDetails> = {
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
  OAUTH_TEST_FAILED: {
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
  OAUTH_TEST_PASSED: {
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
