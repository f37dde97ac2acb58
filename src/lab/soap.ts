// The SOAP calls whose success the procedure is checked by, and Exchange's answers to them.
import { cloudUser, user } from "./names.ts";

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
  calendar: envelope(
    version,
    `<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:GetFolder>`,
  ),
  /** Whether somebody may schedule meetings for the owner of the mailbox. */
  delegate: envelope(
    version,
    `<m:GetDelegate IncludePermissions="true"><m:Mailbox><t:EmailAddress>${user.address}</t:EmailAddress></m:Mailbox></m:GetDelegate>`,
  ),
  /** Free/busy of a mailbox in the other organisation. */
  availability: envelope(
    version,
    `<m:GetUserAvailabilityRequest><m:MailboxDataArray><t:MailboxData><t:Email><t:Address>${cloudUser.address}</t:Address></t:Email><t:AttendeeType>Required</t:AttendeeType></t:MailboxData></m:MailboxDataArray><t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>2026-11-30T09:00:00</t:StartTime><t:EndTime>2026-11-30T18:00:00</t:EndTime></t:TimeWindow><t:RequestedView>FreeBusy</t:RequestedView></t:FreeBusyViewOptions></m:GetUserAvailabilityRequest>`,
  ),
  /** A MailTip for a full mailbox: not one of the features that moved to Graph. */
  mailTips: envelope(
    version,
    `<m:GetMailTips><m:SendingAs><t:EmailAddress>${user.address}</t:EmailAddress></m:SendingAs><m:Recipients><t:Mailbox><t:EmailAddress>${cloudUser.address}</t:EmailAddress></t:Mailbox></m:Recipients><m:MailTipsRequested>MailboxFullStatus</m:MailTipsRequested></m:GetMailTips>`,
  ),
  autodiscover: envelope(
    "",
    `<GetUserSettingsRequestMessage xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover"><Request><Users><User><Mailbox>${user.address}</Mailbox></User></Users><RequestedSettings><Setting>InternalEwsUrl</Setting><Setting>ExternalEwsUrl</Setting></RequestedSettings></Request></GetUserSettingsRequestMessage>`,
  ),
} as const;

/** Exchange's answer to a SOAP body: success for the requested operation. */
export function answerBody(request: string): string {
  const name = operationOf(request) || "Unknown";
  const inner = `<m:${name}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:${name}ResponseMessage>`;
  return envelope("", `<m:${name}Response><m:ResponseMessages>${inner}</m:ResponseMessages></m:${name}Response>`);
}

/** The operation of a SOAP body (`GetFolder`); empty without one. */
export function operationOf(request: string): string {
  const operation = /<(?:\w+:)?Body><(?:\w+:)?(\w+)/.exec(request)?.[1] ?? "";
  return operation.replace(/Request(?:Message)?$/, "");
}
