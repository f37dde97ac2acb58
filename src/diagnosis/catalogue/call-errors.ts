// Errors inside an answer of EWS or Autodiscover that an administrator can fix ([MS-OXWSCDATA] 2.2.5.24, [MS-OXWSADISC]).
// All others are ordinary: a folder or item that does not exist, a subscription that has ended.

interface CallError {
  /** Ends a sentence: "…: <meaning>". */
  readonly meaning: string;
  readonly remedy: string;
  /** The remedy when Exchange Online answered, where partner applications and own servers play no part. */
  readonly remedyOnline: string;
}

const permission =
  "The application needs full_access_as_app with consent (roles in its token: realmscope decode), or the person a right on that mailbox: Get-MailboxPermission <mailbox> in Exchange Online PowerShell.";
const mailboxOnline =
  "Get-EXORecipient <address> | Format-List RecipientType,EmailAddresses in Exchange Online PowerShell: a mailbox on premises must be asked there; try another mailbox.";
const again =
  "Try again; if it stays, open a support case with the request-id of the answer, and see the service health of the tenant: realmscope ticket FILE makes the evidence.";

const account =
  "Get-PartnerApplication | Format-List Name,ApplicationIdentifier,LinkedAccount, then Get-ManagementRoleAssignment -RoleAssignee <linked account> | Format-List Role,Enabled,CustomRecipientWriteScope.";
const mailbox =
  "Get-Recipient <address> | Format-List RecipientType,EmailAddresses on Exchange Server; try another mailbox.";
const store = "Get-MailboxDatabaseCopyStatus * and Get-MoveRequest; try again when the database is mounted.";
const log = "Look in the application log of the server named in X-FEServer (MSExchange Web Services); try again.";

const errors: ReadonlyMap<string, CallError> = new Map([
  [
    "ErrorAccessDenied",
    { meaning: "the account may not do that in this mailbox", remedy: account, remedyOnline: permission },
  ],
  [
    "ErrorImpersonateUserDenied",
    { meaning: "the account may not act as that user", remedy: account, remedyOnline: permission },
  ],
  [
    "ErrorImpersonationDenied",
    { meaning: "the account may not act as others", remedy: account, remedyOnline: permission },
  ],
  ["ErrorImpersonationFailed", { meaning: "acting as that user failed", remedy: account, remedyOnline: permission }],
  ["ErrorNonExistentMailbox", { meaning: "no mailbox has that address", remedy: mailbox, remedyOnline: mailboxOnline }],
  [
    "ErrorNoRespondingCASInDestinationSite",
    { meaning: "no server answers in the mailbox's site", remedy: log, remedyOnline: again },
  ],
  [
    "ErrorMailboxStoreUnavailable",
    { meaning: "the mailbox's database is not available", remedy: store, remedyOnline: again },
  ],
  ["ErrorMailboxMoveInProgress", { meaning: "the mailbox is being moved", remedy: store, remedyOnline: again }],
  [
    "ErrorServerBusy",
    {
      meaning: "the server throttles the caller",
      remedy: "Get-ThrottlingPolicyAssociation <linked account>, Get-ThrottlingPolicy | Format-List Ews*.",
      remedyOnline: again,
    },
  ],
  ["ErrorInternalServerError", { meaning: "the server had an internal error", remedy: log, remedyOnline: again }],
  [
    "InvalidUser",
    { meaning: "Autodiscover knows no user with that address", remedy: mailbox, remedyOnline: mailboxOnline },
  ],
  ["InternalServerError", { meaning: "Autodiscover had an internal error", remedy: log, remedyOnline: again }],
]);

/** All of these errors, for docs/findings.md. */
export const callErrors: readonly (CallError & { readonly code: string })[] = [...errors].map(([code, error]) => ({
  code,
  ...error,
}));

/** True for an error that is worth a finding. */
export function isCallError(code: string): boolean {
  return errors.has(code);
}

/** The meaning of an error; the code itself when it is not listed. */
export function callErrorMeaning(code: string): string {
  return errors.get(code)?.meaning ?? code;
}

/** The remedy for an error, by the service that answered; undefined when it is not listed. */
export function callErrorRemedy(code: string, isOnline: boolean): string | undefined {
  const error = errors.get(code);
  return isOnline ? error?.remedyOnline : error?.remedy;
}
