// Findings about answers of Microsoft Graph.
import type { GraphCause, GraphFamily } from "../../decoders/graph-facts.ts";
import { listAuthServers } from "./commands.ts";
import type { FindingTexts } from "./finding-text.ts";
import { graphOperations, permissionFor } from "./graph-permissions.ts";

interface AtHost {
  readonly host: string;
}

interface Answered extends AtHost {
  readonly family: GraphFamily;
  /** Code of the error; empty when it has none. Captured text. */
  readonly error: string;
}

export interface GraphAnswerDetails {
  /** `caller` as its token spells it. */
  GRAPH_TOKEN_REFUSED: AtHost & { readonly caller: string; readonly error: string; readonly cause: GraphCause };
  /** `grant`: the permission of the call in the roles of the token; `unknown` where call or roles are not known. */
  GRAPH_PERMISSION_REFUSED: Answered & {
    /** 0 for a pasted body. */
    readonly status: number;
    readonly grant: "missing" | "held" | "unknown";
    readonly isPolicy: boolean;
  };
  GRAPH_MAILBOX_NOT_ONLINE: Answered;
  GRAPH_USER_UNKNOWN: Answered;
  GRAPH_ITEM_FAILED: Answered;
  GRAPH_CALL_FAILED: Answered & { readonly status: number; readonly isThrottled: boolean };
}

const decodeIt = "realmscope decode shows aud, tid, exp and roles of the token";
const ticket = "realmscope ticket FILE makes the evidence for a support case, with the request-id of the answer";
const anyRefusal = `Graph says no more than its code and text: ${decodeIt}, and on the server that calls ${listAuthServers} which application it uses. If a new token is refused, too, ${ticket}.`;

const byCause: ReadonlyMap<GraphCause, readonly [words: string, remedy: string]> = new Map([
  [
    "token-missing",
    [
      "there is no token in the request",
      `Look at Authorization of the request: a program or a web proxy on the way may have emptied it (Get-ExchangeServer | Format-List Name,InternetWebProxy).`,
    ],
  ],
  [
    "token-expired",
    [
      "the token has expired or is not valid yet",
      "A caller renews its token by itself; if it stays, compare the clock of the server that calls: w32tm /query /status, w32tm /resync.",
    ],
  ],
  [
    "token-audience",
    [
      "the token is for another audience",
      `The caller must ask for a token for Graph in the cloud of this host: Get-AuthServer | Format-List Name,Realm,ApplicationIdentifier,GraphBaseUrl on the server that calls, and ${decodeIt}.`,
    ],
  ],
  [
    "token-signature",
    [
      "its signature or signing key is not accepted",
      `The token was changed on its way, or another cloud issued it: iss and aud must belong to the cloud of this host (${decodeIt}). Let the caller get a new token.`,
    ],
  ],
  [
    "token-malformed",
    [
      "it cannot read the token",
      "The value of Authorization is not a whole JWT: realmscope decode reads it. Let the caller get a new token for Graph.",
    ],
  ],
  [
    "token-revoked",
    [
      "the token was revoked (continuous access evaluation)",
      "The caller must get a new token; if that is refused, too, look for what revoked it: the sign-in logs of Entra (service principal sign-ins), a disabled application, a changed location.",
    ],
  ],
  [
    "application-unknown",
    [
      "the tenant does not know the application",
      `The application must be in the tenant of the token and enabled: Get-MgServicePrincipal -Filter "appId eq '<application id>'" | Format-List DisplayName,AccountEnabled; ${listAuthServers} shows the id that the server uses.`,
    ],
  ],
] as const);

const consent = (permission: string): string =>
  `Grant the application the application permission ${permission} on Microsoft Graph and consent to it as an administrator (Entra admin center, App registrations, API permissions), then let the servers get a new token: realmscope decode shows its roles`;
const limits =
  "Test-ServicePrincipalAuthorization <application id> -Resource <mailbox> and Test-ApplicationAccessPolicy -AppId <application id> -Identity <mailbox> in Exchange Online PowerShell show whether it is limited to other mailboxes";

const held = `Not the roles of the token are at fault. ${limits}; try another mailbox, and give a change an hour.`;
const unknownCall = `Compare the roles of the token (realmscope decode) with the permission that Microsoft's reference names for this call. ${limits}.`;

function permissionRemedy(family: GraphFamily): string {
  const wanted = permissionFor(family);
  if (wanted === null) return unknownCall;
  return `${consent(wanted.permission)}. A permission that RBAC for Applications grants is not in a token: ${limits}.`;
}

const findMailbox =
  "Get-EXORecipient <address> | Format-List RecipientType,EmailAddresses in Exchange Online PowerShell: a MailUser has its mailbox elsewhere. On the server that calls, Get-Recipient <address> | Format-List RecipientTypeDetails,ExternalEmailAddress shows whether it takes the mailbox for a remote one.";
const findUser =
  "Get-EXORecipient <address> | Format-List RecipientType,EmailAddresses in Exchange Online PowerShell; where the cloud lacks the address that Exchange Server has, Start-ADSyncSyncCycle -PolicyType Delta on the Entra Connect server. Try another mailbox to tell the user from the trust.";

const inWords = (error: string): string => (error === "" ? "no code" : error);

export const graphAnswerTexts: FindingTexts<GraphAnswerDetails> = {
  GRAPH_TOKEN_REFUSED: {
    severity: "error",
    summary: "Microsoft Graph does not take the token.",
    onTheWire:
      '401 of a Graph host (or of a call in a batch) with a JSON error such as "InvalidAuthenticationToken". The cause is that of its text, where the text is a published one.',
    remedy: anyRefusal,
    step: "none",
    sentence: ({ host, caller, error, cause }) =>
      `${host} refused the token of ${caller} (${inWords(error)}): ${byCause.get(cause)?.[0] ?? "it does not say why"}.`,
    remedyFor: ({ cause }) => byCause.get(cause)?.[1],
    examples: [...byCause].map(([cause, [words]]) => [`the text says: ${words}`, { cause }] as const),
  },
  GRAPH_PERMISSION_REFUSED: {
    severity: "error",
    summary: "Microsoft Graph does not let the application do this: a permission is missing, or a policy forbids it.",
    onTheWire:
      "403 of a Graph host (or of a call in a batch) with a JSON error such as ErrorAccessDenied or Authorization_RequestDenied.",
    remedy: unknownCall,
    step: "none",
    sentence: ({ host, family, status, error, grant, isPolicy }) => {
      const refused = `${host} refused ${graphOperations[family]} (${status === 0 ? "" : `${status} `}${inWords(error)})`;
      const wanted = permissionFor(family);
      if (isPolicy) return `${refused}: a policy keeps the application from this mailbox.`;
      if (wanted === null || grant === "unknown") return `${refused}: the application may not do this.`;
      return grant === "missing"
        ? `${refused}: the roles of the token lack ${wanted.permission}, so users lose ${wanted.feature}.`
        : `${refused}, although the roles of the token have its permission: users lose ${wanted.feature}.`;
    },
    remedyFor: ({ family, grant, isPolicy }) => {
      if (isPolicy || grant === "held") return held;
      return grant === "missing" ? permissionRemedy(family) : undefined;
    },
    examples: [
      ["the roles lack the permission of getSchedule", { family: "free-busy", grant: "missing" }],
      ["the roles lack the permission of mailboxSettings", { family: "mailbox-settings", grant: "missing" }],
      ["the roles lack the permission of getMailTips", { family: "mail-tips", grant: "missing" }],
      ["the roles lack the permission of a photo", { family: "photo", grant: "missing" }],
      ["the roles have it, or a policy is named", { family: "photo", grant: "held" }],
    ],
  },
  GRAPH_MAILBOX_NOT_ONLINE: {
    severity: "warning",
    summary: "Microsoft Graph took the token, and the mailbox that was asked for is not in Exchange Online.",
    onTheWire:
      '404 with MailboxNotEnabledForRESTAPI ("The mailbox is either inactive, soft-deleted, or is hosted on-premise.") or ErrorNonExistentMailbox.',
    remedy: `The trust is not at fault. ${findMailbox}`,
    step: "none",
    outlivesRecovery: true,
    sentence: ({ host, family, error }) =>
      `${host} answered ${graphOperations[family]} with ${error}: the mailbox is not in Exchange Online (on premises, inactive or soft-deleted).`,
  },
  GRAPH_USER_UNKNOWN: {
    severity: "warning",
    summary: "Microsoft Graph took the token and knows no such user.",
    onTheWire: "404 with Request_ResourceNotFound, ErrorInvalidUser or ErrorMailRecipientNotFound.",
    remedy: `The trust is not at fault. ${findUser}`,
    step: "none",
    outlivesRecovery: true,
    sentence: ({ host, family, error }) =>
      `${host} answered ${graphOperations[family]} with ${error}: it knows no such user.`,
  },
  GRAPH_ITEM_FAILED: {
    severity: "warning",
    summary: "Microsoft Graph took the token and answered with an error for a single mailbox.",
    onTheWire: "200 to getSchedule or getMailTips with an error object in one of its items (responseCode, code).",
    remedy: `The trust is not at fault, only this free/busy or MailTip. ${findUser}`,
    step: "none",
    outlivesRecovery: true,
    sentence: ({ host, family, error }) =>
      `${host} took the token and answered ${graphOperations[family]} with the error ${error} for a mailbox.`,
  },
  GRAPH_CALL_FAILED: {
    severity: "warning",
    summary:
      "Microsoft Graph answered a call with an error that says nothing about the token (info when it only throttles).",
    onTheWire: "429, 5xx or another status of a Graph host, or one of 403 and 404 without an error that decides.",
    remedy: `Try again; if it stays, see the service health of the tenant, and ${ticket}.`,
    step: "none",
    outlivesRecovery: true,
    sentence: ({ host, family, status, error, isThrottled }) =>
      `${host} answered ${graphOperations[family]} with ${status} (${inWords(error)})${isThrottled ? " because it throttles the caller" : ""}: this says nothing about the token.`,
    severityFor: ({ isThrottled }) => (isThrottled ? "info" : undefined),
  },
};
