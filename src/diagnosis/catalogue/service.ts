// The token service, policies, and what becomes of a call besides its token.
import { callErrorMeaning, callErrorRemedy } from "../call-errors.ts";
import type { FindingTexts } from "./finding-text.ts";

interface StsRefusal {
  readonly host: string;
  /** The public error code, or the OAuth `error`; our word where there is neither. */
  readonly error: string;
  /** What a public code means; empty when it is not public. */
  readonly meaning: string;
}

interface AtHost {
  readonly host: string;
}

export interface ServiceDetails {
  STS_REFUSED: StsRefusal;
  STS_REFUSED_CERTIFICATE: StsRefusal;
  STS_REFUSED_CLIENT: StsRefusal;
  STS_REFUSED_RESOURCE: StsRefusal;
  STS_REFUSED_TENANT: StsRefusal;
  STS_REFUSED_TIME: StsRefusal;
  STS_FAILED: AtHost & { readonly status: number };
  STS_METADATA_FAILED: AtHost & { readonly status: number };
  EWS_BLOCKED_BY_POLICY: AtHost & { readonly policy: string };
  FORBIDDEN_WITHOUT_REASON: AtHost;
  /** `version`: the build of Exchange, or empty. */
  REST_NOT_FOUND: AtHost & { readonly version: string };
  CALL_FAILED: AtHost & { readonly operation: string; readonly error: string };
  CALL_UNANSWERED: AtHost;
  SERVERS_DISAGREE: AtHost & { readonly servers: string };
}

const said = ({ host, error, meaning }: StsRefusal): string =>
  `${host} gave no token (${error}${meaning === "" ? "" : `: ${meaning}`})`;

export const serviceTexts: FindingTexts<ServiceDetails> = {
  STS_REFUSED: {
    severity: "error",
    summary: "The token service refused to give a token.",
    onTheWire: "400 or 401 with error and error_description (ACS50xxx, AADSTSxxxxx) in JSON.",
    remedy:
      "Look the code up at https://login.microsoftonline.com/error, and run Test-OAuthConnectivity on the server that asked.",
    step: "upload-certificate",
    sentence: (refusal) => `${said(refusal)}.`,
  },
  STS_REFUSED_CERTIFICATE: {
    severity: "error",
    summary: "The token service does not accept the signature or certificate of the assertion.",
    onTheWire:
      "A refusal with a code such as AADSTS700027, AADSTS50012, AADSTS7000222, ACS50006, ACS50012, ACS50016 or ACS50027.",
    remedy:
      "Get-ExchangeCertificate -Thumbprint (Get-AuthConfig).CurrentCertificateThumbprint | Format-List Thumbprint,NotAfter, and compare it with Get-MgServicePrincipal -Filter \"appId eq '<id>'\" | Select-Object -ExpandProperty KeyCredentials; upload it again (Update-MgServicePrincipal), or renew it first with MonitorExchangeAuthCertificate.ps1 -ValidateAndRenewAuthCertificate $true. Get-AuthConfig | Format-List ServiceName must be 00000002-0000-0ff1-ce00-000000000000.",
    step: "upload-certificate",
    sentence: (refusal) => `${said(refusal)}, so it does not accept the caller's certificate or signature.`,
  },
  STS_REFUSED_CLIENT: {
    severity: "error",
    summary: "The token service does not know the application that asks.",
    onTheWire: "A refusal with a code such as AADSTS700016, or error unauthorized_client or invalid_client.",
    remedy:
      "Check that the service principal exists in the tenant (Get-MgServicePrincipal -Filter \"appId eq '<id>'\") and that the realm is that tenant.",
    step: "upload-certificate",
    sentence: (refusal) => `${said(refusal)}, so it does not know the application as one that may ask.`,
  },
  STS_REFUSED_RESOURCE: {
    severity: "error",
    summary: "The token service does not know the resource that the token is asked for.",
    onTheWire: "A refusal with a code such as AADSTS500011, AADSTS50001 or ACS50001, or error invalid_resource.",
    remedy:
      "Add https://<host> to the names of the Exchange service principal: Update-MgServicePrincipal -ServicePrincipalNames (all internal and external hosts of Autodiscover and EWS).",
    step: "oauth-exchange",
    sentence: (refusal) => `${said(refusal)}, so it does not know the resource.`,
  },
  STS_REFUSED_TENANT: {
    severity: "error",
    summary: "The token service does not know the tenant.",
    onTheWire: "A refusal with a code such as AADSTS90002.",
    remedy:
      "Get-AuthServer | Format-List Name,Realm,AuthMetadataUrl,TokenIssuingEndpoint must name your tenant; Get-AuthConfig | Format-List Realm should be empty.",
    step: "oauth-exchange",
    sentence: (refusal) => `${said(refusal)}, so it does not know the tenant.`,
  },
  STS_REFUSED_TIME: {
    severity: "error",
    summary: "The token service finds the assertion outside its time: likely a wrong clock.",
    onTheWire: "A refusal with a code such as AADSTS700024, or a description about nbf or exp.",
    remedy: "Set the clock of the server that asks by a time server: w32tm /query /status, w32tm /resync.",
    step: "none",
    sentence: (refusal) => `${said(refusal)}, so the assertion is outside its time.`,
  },
  STS_FAILED: {
    severity: "warning",
    summary: "The token service had trouble of its own, or something on the way to it.",
    onTheWire: "A token request answered with 5xx or 429.",
    remedy: "Try again; if it stays, check the way out: Get-ExchangeServer | Format-List InternetWebProxy.",
    step: "none",
    sentence: ({ host, status }) => `${host} answered a token request with ${status}.`,
  },
  STS_METADATA_FAILED: {
    severity: "warning",
    summary: "The metadata document with the token service's keys could not be fetched.",
    onTheWire: "A request for the token service's metadata that was not answered with 200.",
    remedy:
      "Check AuthMetadataUrl of Get-AuthServer and the way out (Get-ExchangeServer | Format-List InternetWebProxy), then Set-AuthServer <name> -RefreshAuthMetadata.",
    step: "oauth-exchange",
    sentence: ({ host, status }) => `${host} answered a request for its metadata with ${status}.`,
  },
  EWS_BLOCKED_BY_POLICY: {
    severity: "warning",
    summary: "A policy blocks EWS for this user, application or organisation; the token was not what was refused.",
    onTheWire: "403 with X-EWS-Policy-Reason.",
    remedy:
      "Get-OrganizationConfig and Get-CASMailbox <mailbox> | Format-List Ews*: EwsEnabled, EwsApplicationAccessPolicy, EwsAllowList.",
    step: "none",
    sentence: ({ host, policy }) => `${host} blocks EWS by policy (${policy}); the token was not refused.`,
  },
  FORBIDDEN_WITHOUT_REASON: {
    severity: "warning",
    summary: "A call with a token was forbidden and the answer does not say why.",
    onTheWire: "403 to a token, without X-EWS-Policy-Reason, x-ms-diagnostics or error=invalid_token.",
    remedy:
      "Check devices in front (address lists, a web application firewall), Get-CASMailbox <mailbox> | Format-List Ews*, and the roles of the linked account.",
    step: "none",
    sentence: ({ host }) => `${host} answered a call with a token with 403 and no reason.`,
  },
  REST_NOT_FOUND: {
    severity: "warning",
    summary:
      "A service calls the REST interface and it is not there: likely a mailbox on Exchange older than 2016 CU3.",
    onTheWire: "404 on /api/v2.0 to a service's call.",
    remedy:
      "Get-Mailbox <mailbox> | Format-List ServerName,AdminDisplayVersion; move it to Exchange 2016 CU3 or later (New-MoveRequest <mailbox>): Teams' calendar needs it.",
    step: "none",
    sentence: ({ host, version }) =>
      `${host} has no REST interface under the called path${version === "" ? "" : ` (Exchange build ${version})`}.`,
  },
  CALL_FAILED: {
    severity: "warning",
    summary: "The server took the token, and EWS or Autodiscover then answered the call with an error of its own.",
    onTheWire:
      'Status 200 to a service\'s call, and ResponseClass="Error" with a ResponseCode such as ErrorAccessDenied or ErrorNonExistentMailbox, or an Autodiscover ErrorCode.',
    remedy:
      "The trust is not at fault. Get-PartnerApplication | Format-List Name,ApplicationIdentifier,LinkedAccount, then Get-ManagementRoleAssignment -RoleAssignee <linked account>; try another mailbox.",
    step: "application-account",
    outlivesRecovery: true,
    sentence: ({ host, operation, error }) =>
      `${host} took the token and answered ${operation} with ${error}: ${callErrorMeaning(error)}.`,
    remedyFor: ({ error }) => callErrorRemedy(error),
  },
  CALL_UNANSWERED: {
    severity: "warning",
    summary: "A service's call got no answer.",
    onTheWire: "A request with a token, or a token request, without a response.",
    remedy:
      "Look at the transaction's failure; Test-NetConnection <host> -Port 443 from the caller's side, then firewalls and idle limits between the two.",
    step: "none",
    sentence: ({ host }) => `${host} did not answer a service's call.`,
  },
  SERVERS_DISAGREE: {
    severity: "error",
    summary: "Several Exchange servers stand behind one name, and some refuse a token that another accepted.",
    onTheWire: "The same token, answered 2xx with one X-FEServer and refused with another.",
    remedy:
      "On the servers named: Set-AuthServer <name> -RefreshAuthMetadata, Get-ExchangeCertificate (the certificate of Get-AuthConfig must be there), the clock, then iisreset.",
    step: "oauth-exchange",
    outlivesRecovery: true,
    sentence: ({ host, servers }) => `Behind ${host}, ${servers} refused a token that another server accepted.`,
  },
};
