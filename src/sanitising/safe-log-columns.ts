// Columns of server logs by name: what a report may name as missing, and which cells of a line may be shown.

// Exchange's common log writer (HttpProxy, Ews, Autodiscover, OAuthOutbound), IIS and HTTP.sys, as public documentation lists them.
const columns: ReadonlySet<string> = new Set(
  `DateTime RequestId MajorVersion MinorVersion BuildVersion RevisionVersion ClientRequestId Protocol UrlHost UrlStem
ProtocolAction AuthenticationType IsAuthenticated AuthenticatedUser Organization AnchorMailbox UserAgent ClientIpAddress
ServerHostName HttpStatus BackEndStatus ErrorCode Method ProxyAction TargetServer TargetServerVersion RoutingType RoutingHint
BackEndCookie BackendCookie TotalRequestTime UrlQuery BackEndGenericInfo GenericInfo GenericErrors FrontEndServer SoapAction
ImpersonatedUser ProxyAsUser ActAsUser AuthenticationErrors RedirectType EdgeTraceId OAuthError OAuthErrorCategory
OAuthExtraInfo OAuthToken date-time seq-number process-id build-number operation result-code processing-time user-agent
client-request-id target tenant-info resource process-name error-string error-detail dev-metrics remaining-lifetime token-result
date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip c-port cs(user-agent) cs(referer) cs(cookie) cs-host
sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken s-sitename s-computername cs-version cs-uri s-siteid s-reason
s-queuename x-forwarded-for originalip createdDateTime appId servicePrincipalId servicePrincipalName resourceId status
errorCode failureReason correlationId ipAddress tenantId resultType resultDescription id timeCreated providerName message
eventData`
    .toLowerCase()
    .split(/\s+/),
);

/** True for a column of a log that this program knows, in any letter case. */
export function isKnownColumn(name: string): boolean {
  return columns.has(name.toLowerCase());
}
