// Findings about a call other than its token: policies, missing interfaces, errors inside the answer, no answer.
import { isExchangeOnline } from "../../core/microsoft-hosts.ts";
import { applicationKind, exchangeId } from "./application-kind.ts";
import { callErrorMeaning, callErrorRemedy } from "./call-errors.ts";
import { listAuthServers, listBuilds, moveToDedicatedApp, probeDirectly, readGate } from "./commands.ts";
import type { FindingTexts } from "./finding-text.ts";

interface AtHost {
  readonly host: string;
}

interface Gated extends AtHost {
  /** Application id of the caller; empty when it is not known. */
  readonly callerId: string;
  /** The call is that of a person's program. */
  readonly isPerson: boolean;
}

export interface AnswerDetails {
  EWS_OFF_FOR_TENANT: Gated;
  EWS_APP_NOT_ALLOWED: Gated;
  EWS_ONLINE_ENDS: AtHost & {
    readonly callerId: string;
    /** Empty when the application has no known name. */
    readonly callerName: string;
    readonly kind: "service" | "person" | "unknown";
    /** Names of operations, separated by commas. */
    readonly operations: string;
    /** The last call is of the time after the end. */
    readonly isPast: boolean;
  };
  EWS_BLOCKED_BY_POLICY: AtHost & { readonly policy: string; readonly isDelegateCheck?: true };
  FORBIDDEN_WITHOUT_REASON: AtHost & { readonly isEws: boolean; readonly isDelegateCheck?: true };
  /** `version`: the build of Exchange, or empty. */
  REST_NOT_FOUND: AtHost & { readonly version: string };
  CALL_FAILED: AtHost & { readonly operation: string; readonly error: string };
  CALL_UNANSWERED: AtHost;
  SERVERS_DISAGREE: AtHost & { readonly servers: string };
}

const ends =
  "As far as public sources say, EWS in Exchange Online ends for good on 1 April 2027; EWS of Exchange Server stays";

function ewsCaller({ callerId, callerName, kind }: AnswerDetails["EWS_ONLINE_ENDS"]): string {
  if (kind === "unknown") return "A program whose application is not in the capture";
  const program = kind === "person" ? "A person's program" : "The application";
  if (callerId === "") return kind === "person" ? program : "A service without a token of OAuth";
  // "your dedicated hybrid application", "an application of this tenant": a description needs no noun before it.
  const isDescription = /^(?:your|an) /.test(callerName);
  if (isDescription) return `${callerName.slice(0, 1).toUpperCase()}${callerName.slice(1)} (${callerId})`;
  return `${program} ${callerName === "" ? callerId : `${callerName} (${callerId})`}`;
}

const ownCalls = `Exchange Server's own calls can move to Microsoft Graph with Exchange Server SE of May 2026 or later (as far as public sources say: free/busy, photos and automatic replies): ${listBuilds} The dedicated hybrid application must be in use (${listAuthServers}), then Get-SettingOverride | Format-List Name,ComponentName,SectionName,Parameters shows whether RouteThroughMSGraph is on.`;
const otherPrograms =
  "Ask the maker of that program for a version that uses Microsoft Graph; the readiness list names the operations that it calls. EWS of Exchange Server is not concerned.";

/** Adds an application to the allow list. The list is replaced as a whole, so the command reads the old one into it. */
function allow(callerId: string): string {
  const id = callerId === "" ? "<application id>" : callerId;
  return `$ids = (Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy).EwsAllowedAppIDs; Set-OrganizationConfig -EwsAllowedAppIDs ((@($ids -split ',' -ne '') + '${id}') -join ',')`;
}

const sharedIsBlocked = `No list lets the shared service principal in: its EWS access is blocked since 31 October 2025. ${moveToDedicatedApp}`;

function appNotAllowed(callerId: string): string {
  if (callerId === exchangeId) return sharedIsBlocked;
  return `In Exchange Online PowerShell: ${readGate}. Where the application is missing, add it and keep the others: ${allow(callerId)}; it can take 24 hours. The list of User-Agents must let it pass, too: Get-OrganizationConfig | Format-List EwsApplicationAccessPolicy,EwsAllowList,EwsBlockList. ${ends}.`;
}

function offForTenant(callerId: string): string {
  if (callerId === exchangeId) return sharedIsBlocked;
  return `In Exchange Online PowerShell: ${readGate}, and Get-CASMailbox <mailbox> | Format-List EwsEnabled, as both must allow it. Fill the list first, because switched on with an empty list it lets nobody in: ${allow(callerId)}; then Set-OrganizationConfig -EwsEnabled $true. It can take 24 hours. ${ends}, so plan the way over Microsoft Graph (Exchange SE).`;
}

// "Resolve interaction issues between Teams and Exchange Server" names these agents; the delegate check calls as SchedulingService.
const allowLists =
  "Get-OrganizationConfig | Format-List EwsEnabled,EwsApplicationAccessPolicy,EwsAllowList,EwsBlockList and Get-CASMailbox <mailbox> | Format-List Ews*: where EnforceAllowList stands and Teams is missing, Set-OrganizationConfig -EwsAllowList @{Add='MicrosoftNinja/*','*Teams/*','SkypeSpaces/*','*SchedulingService*'} adds it and keeps the others";
const otherReasons =
  "Check what stands in front (address lists, a web application firewall) and the roles of the linked account.";
export const answerTexts: FindingTexts<AnswerDetails> = {
  EWS_OFF_FOR_TENANT: {
    severity: "error",
    summary:
      "EWS of Exchange Online is switched off for this user or organisation; the token was not what was refused.",
    onTheWire: '403 of Exchange Online with X-EWS-Policy-Reason "EWS is disabled for this user or tenant".',
    remedy: offForTenant(""),
    step: "none",
    sentence: ({ host, callerId }) =>
      `${host} says to ${callerId === "" ? "the caller" : callerId} that EWS is disabled for this user or tenant; the token was not refused.`,
    severityFor: ({ isPerson }) => (isPerson ? "warning" : undefined),
    remedyFor: ({ callerId }) => offForTenant(callerId),
    examples: [[`the shared service principal ${exchangeId} calls`, { callerId: exchangeId }]],
  },
  EWS_APP_NOT_ALLOWED: {
    severity: "error",
    summary:
      "Exchange Online does not let this application use EWS: its id or its User-Agent is not in the list; the token was not what was refused.",
    onTheWire:
      '403 of Exchange Online with X-EWS-Policy-Reason "EWS is blocked by policy for this user or tenant": the list of applications or that of User-Agents, the field does not say which.',
    remedy: appNotAllowed(""),
    step: "none",
    sentence: ({ host, callerId }) =>
      `${host} blocks EWS by policy for ${callerId === "" ? "this application, user or tenant" : `the application ${callerId}, or for this user or tenant`}; the token was not refused.`,
    severityFor: ({ isPerson }) => (isPerson ? "warning" : undefined),
    remedyFor: ({ callerId }) => appNotAllowed(callerId),
    examples: [[`the shared service principal ${exchangeId} calls`, { callerId: exchangeId }]],
  },
  EWS_ONLINE_ENDS: {
    severity: "info",
    summary:
      "Something calls EWS of Exchange Online, which ends for good on 1 April 2027 as far as public sources say; EWS of Exchange Server stays.",
    onTheWire:
      "A call to /EWS/Exchange.asmx of a host of Exchange Online in any cloud, accepted or refused; one finding for each caller.",
    remedy: `Find each caller and its operations before that day. ${ownCalls} Other programs need a version that uses Microsoft Graph.`,
    step: "none",
    sentence: (use) =>
      `${ewsCaller(use)} calls EWS of Exchange Online (${use.operations}), which ${use.isPast ? "ended for good on 1 April 2027 as far as public sources say: no setting brings it back" : "ends for good on 1 April 2027 as far as public sources say"}; EWS of Exchange Server stays.`,
    remedyFor: ({ callerId, kind }) =>
      kind === "service" && (callerId === exchangeId || applicationKind(callerId) === "own")
        ? `${ownCalls} For an application that is not Exchange's: ${otherPrograms}`
        : otherPrograms,
    examples: [
      ["Exchange Server or an application of the tenant calls", { callerId: exchangeId, kind: "service" }],
      ["another program calls", { callerId: "", kind: "person" }],
    ],
  },
  EWS_BLOCKED_BY_POLICY: {
    severity: "warning",
    summary: "A policy blocks EWS for this user, application or organisation; the token was not what was refused.",
    onTheWire: "403 with X-EWS-Policy-Reason of a server that is not Exchange Online, or with another text in it.",
    remedy: `${allowLists}.`,
    step: "none",
    sentence: ({ host, policy, isDelegateCheck }) =>
      `${host} blocks ${isDelegateCheck === true ? "the delegate check of Teams (SchedulingService)" : "EWS"} by policy (${policy}); the token was not refused.`,
    remedyFor: ({ host }) => (isExchangeOnline(host) ? appNotAllowed("") : undefined),
    examples: [["Exchange Online answered", { host: "outlook.office365.com" }]],
  },
  FORBIDDEN_WITHOUT_REASON: {
    severity: "warning",
    summary: "A call with a token was forbidden and the answer does not say why.",
    onTheWire: "403 to a token, without X-EWS-Policy-Reason, x-ms-diagnostics or error=invalid_token.",
    remedy: `First the lists of EWS: ${allowLists}. ${otherReasons}`,
    step: "none",
    sentence: ({ host, isEws, isDelegateCheck }) =>
      isDelegateCheck === true
        ? `${host} answered the delegate check of Teams (SchedulingService) with 403 and no reason.`
        : `${host} answered a call ${isEws ? "" : "outside EWS "}with a token with 403 and no reason.`,
    examples: [["another path than EWS was called", { isEws: false }]],
    remedyFor: ({ isEws }) => (isEws ? undefined : `${otherReasons} ${probeDirectly}`),
  },
  REST_NOT_FOUND: {
    severity: "warning",
    summary: "A service calls the REST interface of Exchange Server and it is not there.",
    onTheWire: "404 on /api/v2.0 to a service's call.",
    remedy:
      "Get-Mailbox <mailbox> | Format-List ServerName,AdminDisplayVersion. Versions before 2016 CU3 never had it, Exchange 2016 and 2019 are out of support, and REST between Exchange Server and Exchange Online is deprecated: move the mailbox to Exchange Server SE (New-MoveRequest <mailbox>) or to Exchange Online, where Microsoft Graph takes its place.",
    step: "none",
    sentence: ({ host, version }) =>
      `${host} has no REST interface under the called path${version === "" ? "" : ` (Exchange build ${version})`}.`,
  },
  CALL_FAILED: {
    severity: "warning",
    summary: "The server took the token, and EWS or Autodiscover then answered the call with an error of its own.",
    onTheWire:
      'Status 200 to a service\'s call, and ResponseClass="Error" with a ResponseCode such as ErrorAccessDenied or ErrorNonExistentMailbox, or an Autodiscover ErrorCode; or status 500 with such a code in a SOAP fault of EWS.',
    remedy:
      "The trust is not at fault. Get-PartnerApplication | Format-List Name,ApplicationIdentifier,LinkedAccount, then Get-ManagementRoleAssignment -RoleAssignee <linked account>; try another mailbox.",
    step: "application-account",
    outlivesRecovery: true,
    sentence: ({ host, operation, error }) =>
      `${host} took the token and answered ${operation} with ${error}: ${callErrorMeaning(error)}.`,
    remedyFor: ({ host, error }) => callErrorRemedy(error, isExchangeOnline(host)),
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
    summary: "Several Exchange servers stand behind one name, and some refuse what another accepts.",
    onTheWire:
      "The same kind of call by the same caller, answered 2xx with one X-FEServer (or X-CalculatedBETarget, X-BEServer) and refused with another, each server's last answer counting.",
    remedy:
      "On the servers named: Set-AuthServer <name> -RefreshAuthMetadata, Get-ExchangeCertificate (the certificate of Get-AuthConfig must be there), the clock, then iisreset.",
    step: "oauth-exchange",
    sentence: ({ host, servers }) => `Behind ${host}, ${servers} refuses what another server accepts.`,
  },
};
