// The cmdlets of the lab's Exchange: of the parameters that the procedure may use, those that the real cmdlets have.
import { getAccounts, newMailUser, removeMailUser, setMailUser } from "./accounts.ts";
import { CmdletFailure } from "./cmdlet-error.ts";
import type { DirectoryState, Properties } from "./directory-state.ts";
import {
  getAcceptedDomains,
  getAuthConfig,
  getCertificates,
  getClientAccess,
  getConfigured,
  getDirectories,
  getDomainControllers,
  getServers,
  newPartner,
  removePartner,
  setPartner,
  testConnectivity,
} from "./organisation.ts";
import { openView, type View } from "./replicas.ts";
import {
  addRoleEntry,
  getAssignments,
  getRoleEntries,
  getRoles,
  newAssignment,
  newRole,
  removeAssignment,
  removeRole,
  removeRoleEntry,
  setAssignment,
} from "./roles.ts";

type Run = (view: View, cmdlet: string, parameters: Properties) => readonly Properties[];

const cmdlets: Readonly<Record<string, readonly [parameters: string, run: Run]>> = {
  "Get-MailUser": ["Identity", getAccounts],
  "Get-Recipient": ["Identity", getAccounts],
  "Get-User": ["Identity", getAccounts],
  "New-MailUser": ["Name ExternalEmailAddress ApplicationAccount", newMailUser],
  "Set-MailUser": ["Identity ExternalEmailAddress HiddenFromAddressListsEnabled", setMailUser],
  "Remove-MailUser": ["Identity", removeMailUser],
  "Disable-MailUser": ["Identity", removeMailUser],
  "Get-ManagementRole": ["Identity", getRoles],
  "New-ManagementRole": ["Name Parent", newRole],
  "Remove-ManagementRole": ["Identity", removeRole],
  "Get-ManagementRoleEntry": ["Identity", getRoleEntries],
  "Add-ManagementRoleEntry": ["Identity", addRoleEntry],
  "Remove-ManagementRoleEntry": ["Identity", removeRoleEntry],
  "Get-ManagementRoleAssignment": ["Identity RoleAssignee Role Delegating", getAssignments],
  "New-ManagementRoleAssignment": ["Name Role User", newAssignment],
  "Set-ManagementRoleAssignment": ["Identity Enabled", setAssignment],
  "Remove-ManagementRoleAssignment": ["Identity", removeAssignment],
  "Get-PartnerApplication": ["Identity", getConfigured],
  "New-PartnerApplication": ["Name ApplicationIdentifier Enabled LinkedAccount", newPartner],
  "Set-PartnerApplication": ["Identity Enabled LinkedAccount", setPartner],
  "Remove-PartnerApplication": ["Identity", removePartner],
  "Get-AuthConfig": ["", getAuthConfig],
  "Get-AuthServer": ["Identity", getConfigured],
  "Get-ExchangeCertificate": ["Server Thumbprint", getCertificates],
  "Get-IntraOrganizationConnector": ["Identity", getConfigured],
  "Get-OrganizationRelationship": ["Identity", getConfigured],
  "Get-SettingOverride": ["Identity", getConfigured],
  "Test-OAuthConnectivity": ["Service TargetUri Mailbox ReloadConfig UseCachedToken AppOnly", testConnectivity],
  "Get-ExchangeServer": ["Identity", getServers],
  "Get-AcceptedDomain": ["Identity", getAcceptedDomains],
  "Get-DomainController": ["DomainName", getDomainControllers],
  "Get-WebServicesVirtualDirectory": ["Identity Server ADPropertiesOnly", getDirectories],
  "Get-MapiVirtualDirectory": ["Identity Server ADPropertiesOnly", getDirectories],
  "Get-OabVirtualDirectory": ["Identity Server ADPropertiesOnly", getDirectories],
  "Get-ClientAccessService": ["Identity", getClientAccess],
};

/** Runs one call against the directory: returns the state after it, and its output or failure. A failed read also counts as a read for the replicas. */
export function runCmdlet(
  state: DirectoryState,
  cmdlet: string,
  parameters: Properties,
): readonly [DirectoryState, readonly Properties[] | CmdletFailure] {
  let view: View | undefined;
  try {
    const run = findCmdlet(state, cmdlet, parameters);
    view = openView(state, parameters);
    const objects = run(view, cmdlet, parameters);
    return [view.state, objects];
  } catch (error) {
    if (error instanceof CmdletFailure) return [view?.state ?? state, error];
    throw error;
  }
}

function findCmdlet(state: DirectoryState, cmdlet: string, parameters: Properties): Run {
  const entry = cmdlets[cmdlet];
  const hidden = (name: string): boolean => state.manner.hidden.some((one) => one.toLowerCase() === name.toLowerCase());
  if (entry === undefined || hidden(cmdlet))
    throw failure("CommandNotFoundException", "CommandNotFoundException", cmdlet);
  const known = parametersOf(cmdlet, entry[0]);
  for (const name of Object.keys(parameters)) {
    if (!known.includes(name.toLowerCase()) || hidden(`${cmdlet} -${name}`)) {
      throw failure("ParameterBindingException", `NamedParameterNotFound,${cmdlet}`, name);
    }
  }
  // Destructive cmdlets prompt for confirmation, and nobody is there to answer.
  if (/^(?:Remove|Disable)-/.test(cmdlet) && parameters.Confirm !== false) {
    throw failure("PSInvalidOperationException", `InvalidOperation,${cmdlet}`, "Confirm");
  }
  return entry[1];
}

function parametersOf(cmdlet: string, own: string): readonly string[] {
  const isChanging = /^(?:Set|Remove|Disable|Add|New)-/.test(cmdlet);
  return `${own} ${cmdlet.startsWith("Test-") ? "" : "DomainController"} ${isChanging ? "Confirm" : ""}`
    .toLowerCase()
    .split(" ")
    .filter((name) => name !== "" && !(cmdlet === "Get-DomainController" && name === "domaincontroller"));
}

/** Of the given cmdlets and parameters, those that are hidden from this account. */
export function hiddenOf(
  state: DirectoryState,
  asked: readonly (readonly [string, readonly string[]])[],
): readonly string[] {
  const hidden = state.manner.hidden.map((one) => one.toLowerCase());
  return asked.flatMap(([cmdlet, names]) => {
    const entry = cmdlets[cmdlet];
    if (!state.manner.hasExchange || entry === undefined || hidden.includes(cmdlet.toLowerCase())) return [cmdlet];
    const known = parametersOf(cmdlet, entry[0]);
    return names
      .filter((name) => !known.includes(name.toLowerCase()) || hidden.includes(`${cmdlet} -${name}`.toLowerCase()))
      .map((name) => `${cmdlet} -${name}`);
  });
}

function failure(type: string, id: string, about: string): CmdletFailure {
  return new CmdletFailure({
    type,
    id,
    category: type === "CommandNotFoundException" ? "ObjectNotFound" : "InvalidArgument",
    about,
  });
}
