// Permissions by their ids, as `requiredResourceAccess` and `appRoleAssignments` name them.
// Source: "Microsoft Graph permissions reference" and the service principal of Office 365 Exchange Online.

const permissions: Readonly<Record<string, string>> = {
  "dc890d15-9560-4a4c-9b7f-a736ec74ec40": "full_access_as_app (application, Office 365 Exchange Online)",
  "3b5f3d61-589b-4a3c-a359-5dd4b5ee5bd5": "EWS.AccessAsUser.All (delegated, Office 365 Exchange Online)",
  "dc50a0fb-09a3-484d-be87-e023b12c6440": "Exchange.ManageAsApp (application, Office 365 Exchange Online)",
  "810c84a8-4a9e-49e6-bf7d-12d183f40d01": "Mail.Read (application, Microsoft Graph)",
  "e2a3a72e-5f79-4c64-b1b1-878b674786c9": "Mail.ReadWrite (application, Microsoft Graph)",
  "b633e1c5-b582-4048-a93e-9f11b44c7e96": "Mail.Send (application, Microsoft Graph)",
  "40f97065-369a-49f4-947c-6a255697ae91": "MailboxSettings.Read (application, Microsoft Graph)",
  "6931bccd-447a-43d1-b442-00a195474933": "MailboxSettings.ReadWrite (application, Microsoft Graph)",
  "798ee544-9d2d-430c-a058-570e29e34338": "Calendars.Read (application, Microsoft Graph)",
  "ef54d2bf-783f-4e0f-bca1-3210c0444d99": "Calendars.ReadWrite (application, Microsoft Graph)",
  "089fe4d0-434a-44c5-8827-41ba8a0b17f5": "Contacts.Read (application, Microsoft Graph)",
  "7ab1d382-f21e-4acd-a863-ba3e13f7da61": "Directory.Read.All (application, Microsoft Graph)",
  "df021288-bdef-4463-88db-98f22de89214": "User.Read.All (application, Microsoft Graph)",
  "465a38f9-76ea-45b9-9f34-9e8b0d4b0b42": "Calendars.Read (delegated, Microsoft Graph)",
  "e1fe6dd8-ba31-4d61-89e7-88639da4683d": "User.Read (delegated, Microsoft Graph)",
};

/** The name of a permission, its kind and its resource; null when it is not known. The id in any letter case. */
export function permissionName(id: string): string | null {
  const key = id.toLowerCase();
  return Object.hasOwn(permissions, key) ? (permissions[key] ?? null) : null;
}
