// Remedies for a partner application of Exchange Server that is missing or lacks its account. Each command changes one by
// name; a list is never piped into a change, because it holds the applications that work.
import { wellKnownApplication } from "../../core/well-known-applications.ts";
import { applicationKind, exchangeId } from "./application-kind.ts";
import { listAuthServers, listBuilds, listPartners } from "./commands.ts";

const scheduler = "7557eb47-c689-4224-abcf-aef9bd7573df";
const partnerNames = new Map([
  [scheduler, "TeamsScheduler"],
  ["db7de2b5-2149-435e-8043-e080dd50afae", "CloudVoicemail"],
  ["00000004-0000-0ff1-ce00-000000000000", "SfBOnline"],
]);

// Cloud Voicemail's partner application is made without a linked account; the others need one.
const withoutAccount = "db7de2b5-2149-435e-8043-e080dd50afae";

/** The general remedy when no partner application is known for the caller. */
export const partnerApplicationRemedy = `${listPartners}; for a service of the procedure (realmscope provision plan) create the missing one with New-PartnerApplication -Name <name> -ApplicationIdentifier <id> -Enabled $true -LinkedAccount <account>. For an id that you do not know create nothing, and for a dedicated hybrid application none is needed: ${listAuthServers}.`;

/** The remedy for one caller by its id, which may be empty. */
export function partnerApplicationRemedyFor(callerId: string): string {
  switch (applicationKind(callerId)) {
    case "service": {
      const account = callerId === withoutAccount ? "" : " -LinkedAccount <account>";
      const name = partnerNames.get(callerId) ?? "<name>";
      return `${listPartners}; if it is missing: New-PartnerApplication -Name ${name} -ApplicationIdentifier ${callerId} -Enabled $true${account}; if it is disabled: Set-PartnerApplication <name> -Enabled $true.`;
    }
    case "exchange":
      return `${listPartners}: Exchange Setup creates the one of Exchange Online (${callerId}), with an empty Realm. If it is disabled: Set-PartnerApplication <its name> -Enabled $true; realmscope provision plan --step1 shows it.`;
    case "microsoft":
      return `${callerId} is ${wellKnownApplication(callerId)?.name ?? "one of Microsoft's applications"}, which the procedure does not set up as far as public sources say: ${listPartners} shows whether it is there and enabled. Create none unless Microsoft's documentation of that service asks for it.`;
    case "own":
      return `Find out what ${callerId} is before anything is created. A dedicated hybrid application needs no partner application: ${listAuthServers} names it. An application of your own that must call Exchange Server is in ${listPartners}; only for one that is missing there: New-PartnerApplication -Name <name> -ApplicationIdentifier ${callerId} -Enabled $true -LinkedAccount <account>.`;
    default:
      return partnerApplicationRemedy;
  }
}

const account = (callerId: string): string =>
  `Get-PartnerApplication | Where-Object ApplicationIdentifier -eq ${callerId} | Format-List Name,Enabled,LinkedAccount`;

/** The general remedy when a partner application lacks its linked account. */
export const linkedAccountRemedy =
  "Set-PartnerApplication <name> -LinkedAccount <account> for the one application of the caller, whose name Get-PartnerApplication | Format-List Name,ApplicationIdentifier,LinkedAccount shows; then New-ManagementRoleAssignment -Role UserApplication -User <account> and -Role ArchiveApplication.";

/** The remedy for one application by its id, which may be empty. */
export function linkedAccountRemedyFor(callerId: string): string {
  const kind = applicationKind(callerId);
  if (kind === "unknown" || kind === "person") return linkedAccountRemedy;
  if (callerId === withoutAccount)
    return `${account(callerId)}: Microsoft's procedure makes this one without a linked account, so update Exchange first. ${listBuilds}`;
  if (kind === "microsoft" || callerId === exchangeId)
    return `${account(callerId)} shows the one of ${wellKnownApplication(callerId)?.name ?? callerId}${callerId === exchangeId ? ", which Exchange Setup creates with its account" : ""}. Where its LinkedAccount is empty or of a deleted account, for it alone: Set-PartnerApplication <its name> -LinkedAccount <account>; Get-ManagementRoleAssignment -RoleAssignee <account> shows the roles of that account.`;
  if (kind === "own")
    return `If ${callerId} is an Entra application, grant its permission and consent to it (full_access_as_app). If it is a partner application of your own: ${account(callerId)}, and for it alone Set-PartnerApplication <its name> -LinkedAccount <account>.`;
  // The current procedure limits the role of this application to a child of UserApplication with GetDelegate alone.
  const roles =
    callerId === scheduler
      ? "New-ManagementRoleAssignment -Role <child role of UserApplication that keeps GetDelegate> -User <account>"
      : "New-ManagementRoleAssignment -Role UserApplication -User <account> and the same for ArchiveApplication";
  return `${account(callerId)}, for it alone Set-PartnerApplication <its name> -LinkedAccount <account>, then ${roles}; realmscope provision plan does both.`;
}
