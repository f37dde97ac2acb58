// Names of errors, exceptions, operations and columns in server logs. Their lists differ by version of Exchange, so a name is known when each
// word of it is: `InvalidToken`, `GetUserAvailability`, `MissingSigningCertificate`.
import { isPublicWord } from "./public-words.ts";

// Words of the names that the public references of EWS ([MS-OXWSCDATA] response codes, operations), of WebExceptionStatus, of HTTP.sys
// (s-reason) and of Windows' sign-in failures use, beside the public words.
const nameWords: ReadonlySet<string> = new Set(
  `abandoned abandonedbyappool abort aborted acs act acting active actor acts actual ad add affected aggregate algorithm alias
allocation alternative ambiguous anonymous app appid application applications appoffline apppool approval apps appshutdown
arg argument as assembly assigned associate attachments attendees aud audience audit auth autodiscover availability
available azure backend bad bit block browser budget build builder cache cached calendars callback cancel canceled cancelled
cannot categories category challenge channel children claims client cloud code collection com connection conversations convert core
cross ctp current custom cycle data db dead deadlock decline decoded default deferred delegates denied destination detail
dial differs directory disabled discovery dispose disposed distribution dl dn dns domain drained drop dropped email empty
enforce enforced entity entra entries enum equal ex exact exclusive exec execution expand expansion explicit export extern
failover fault fe fetch filter finding flight flighting flow folders forbidden forest format forward free frontend full gal
garbage general generation get global gone grammar guid hash header headers hierarchy hit hold hop host hostname hybrid
hygiene identifier iis impersonate import index infra infrastructure init input instance internal interval io ip iss issuers
jobs join junk keep kernel key kind ldap lengthrequired lifetime limit linked live load locator lookup mac mailbox mailtips
managed manager mandatory map mapi mark matched matching maximum me member memory mime minute mismatch missing mobile mode
module move name nameid nameidentifier native nbf negative neither nested net nii nor not nspi null oauth odata off offline
oid online oof operator out outbound outer overflow owa own pass peak person personas photo photos pickup pipeline pool
popup port precondition preferred previous principal probe process processor profile protection pst public puid pull purge
push queue quota raw rbac realms rebind recipient recipients recoverable recycled redirection references refill refresh
refused region reminder reminders rename replica report reserved reset resolution resolve restricted retention reverse ring
rms roles room rooms route router routing rpc rps rule rules s2s saml sasl sat save schedule scopes secret selected self
self-issued semaphore send serialization server share sharing shutdown sid sip site slow small snapshot soap sort split sql
stale start stateless status storage streaming strict string structure sts subfolder subject subscribe sync task teams
tenant tenantid tenants term terminal test thumbprint ticket tid time timed-out timer times tip tips title tls too top trust
type um unauthenticated unavailable undefined understood unhandled unified unique unknown unlock unsigned unsubscribe upn
url user-context v1 valid vdir verb version virtual volatile watch watermark web webex websocket were when window wrong ws
wssecurity x509 x5t zone zones`
    .trim()
    .split(/\s+/),
);

const textWord = /[^\s;=,|:()"'[\]<>{}]+/g;
const unknownWord = "***";
// `InvalidToken`, `-BE` where the back end refused
const suffix = /-BE$/;

/** True for a name of an error or an operation: one identifier of known words. */
export function isKnownName(text: string): boolean {
  const name = text.replace(suffix, "");
  if (!/^[A-Za-z][A-Za-z0-9_.]{1,99}$/.test(name)) return false;
  return name.split(/[._]/).every((part) => words(part).every(isNameWord));
}

function isNameWord(word: string): boolean {
  return isPublicWord(word) || nameWords.has(word.toLowerCase()) || /^\d{1,4}$/.test(word);
}

/** The words of an identifier: `GetNewACSToken` has `Get`, `New`, `ACS`, `Token`; `OAuth` and `X509` are one word. */
function words(name: string): readonly string[] {
  return (
    name
      .replaceAll("OAuth", "Oauth")
      .replaceAll("S2S", "s2s")
      .match(/[A-Z]+(?![a-z])\d{0,4}|[A-Z]?[a-z]+\d{0,4}|s2s|[A-Z]|\d+/g) ?? []
  );
}

/**
 * The text with known names, public words, codes of up to seven digits and those of token services (AADSTS, ACS); any other word is `***`, and several such
 * words in a row are one. Idempotent.
 */
export function onlyKnownNames(text: string): string {
  return text
    .replace(textWord, (word) => (isKnownWord(word) ? word : unknownWord))
    .replace(/\*{3}(?:[\s"'()[\]<>{}]{1,40}\*{3}){1,4000}/g, unknownWord);
}

function isKnownWord(word: string): boolean {
  if (word === unknownWord || word.length === 1 || /^-?\d{1,7}$/.test(word) || /^(?:AADSTS|ACS)\d{1,10}$/.test(word))
    return true;
  const bare = word.replace(/^[`.*!?#-]+|[`.*!?]+$/g, "");
  if (nameWords.has(bare.toLowerCase()) || bare === "…") return true;
  return bare === "" || isKnownName(bare) || isPublicWord(bare) || /^0x[0-9a-f]{8}$/i.test(bare);
}

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
