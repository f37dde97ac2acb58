// The SOAP calls whose success the procedure is checked by, and Exchange's answers to them.
import { user } from "./names.ts";

const types = "http://schemas.microsoft.com/exchange/services/2006/types";
const messages = "http://schemas.microsoft.com/exchange/services/2006/messages";

function envelope(header: string, body: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="${types}" xmlns:m="${messages}"><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
}

const version = '<t:RequestServerVersion Version="Exchange2016"/>';

export const soapRequests = {
  /** Conversation History: the folder the mobile clients' conversations are kept in. */
  conversationHistory: envelope(
    version,
    `<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="conversationhistory"/></m:FolderIds></m:GetFolder>`,
  ),
  /** An archived message goes into the Purges folder. */
  archivedMessage: envelope(
    version,
    `<m:CreateItem MessageDisposition="SaveOnly"><m:SavedItemFolderId><t:DistinguishedFolderId Id="recoverableitemspurges"/></m:SavedItemFolderId><m:Items><t:Message><t:ItemClass>IPM.Note.Microsoft.Conversation</t:ItemClass><t:Subject>Conversation</t:Subject></t:Message></m:Items></m:CreateItem>`,
  ),
  /** The out-of-office greeting is read from the user's settings. */
  outOfOffice: envelope(
    version,
    `<m:GetUserOofSettingsRequest><t:Mailbox><t:Address>${user.address}</t:Address></t:Mailbox></m:GetUserOofSettingsRequest>`,
  ),
  autodiscover: envelope(
    "",
    `<GetUserSettingsRequestMessage xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover"><Request><Users><User><Mailbox>${user.address}</Mailbox></User></Users><RequestedSettings><Setting>InternalEwsUrl</Setting><Setting>ExternalEwsUrl</Setting></RequestedSettings></Request></GetUserSettingsRequestMessage>`,
  ),
} as const;

/** Exchange's answer to a SOAP body: success for the requested operation. */
export function answerBody(request: string): string {
  const operation = /<(?:\w+:)?Body><(?:\w+:)?(\w+)/.exec(request)?.[1] ?? "Unknown";
  const name = operation.replace(/Request(?:Message)?$/, "");
  const inner = `<m:${name}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:${name}ResponseMessage>`;
  return envelope("", `<m:${name}Response><m:ResponseMessages>${inner}</m:ResponseMessages></m:${name}Response>`);
}
