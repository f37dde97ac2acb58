// Words that stand in this traffic whoever speaks: a password that is one of them cannot be told from it, and replacing
// it everywhere would say which one it was.

/** In lower case. */
const protocolWords: ReadonlySet<string> = new Set(
  `accept actor admin api application applications ascii assertion audience authenticate authority authorization authorize
autodiscover autodiscover.svc autodiscover.xml basic bearer bytes chunked claims client client-request-id close code common
connection content content-length content-type cookie date default digest domain encoding error exchange exchange.asmx
expired expires false federation folder grant graph gzip hash header host html http https identity impersonation inbox
info invalid issuer json keep-alive kerberos length location mail mailbox mapi message metadata method microsoft name
negotiate nego none ntlm null oauth oauth2 office online options outlook owa password path plain post powershell private
proxy public query read realm reason redacted refresh request request-id requests resource response rest root scheme
scope secret security server servers service services session signature sip skype smtp soap status target teams tenant
test text time timeout token tokens true type unauthorized unknown upn url user users utf-8 value version web
windows www xml ews rpc oab ecp sid puid
log creator entries startedDateTime httpVersion cookies headers queryString postData mimeType size cache timings send wait
receive comment realmscope safe credentials signatures people pseudonyms session SessionTimers SessionFlags BitFlags
ClientConnected ClientBeginRequest GotRequestHeaders ClientDoneRequest ServerGotRequest ServerBeginResponse PipeInfo
GotResponseHeaders ServerDoneResponse ClientBeginResponse ClientDoneResponse redirectURL headersSize bodySize statusText
replaced sanitized schemas openxmlformats package extension contenttype sessionflag clientip durationMs requestBody
totalBytes responseBody interim utf xmlns org htm txt raw journal checksum head crc crc32 base32 sha256 hmac status401 saz har
decrypted addresses boundaries invented stands tcp ports wire sig tag len machine manifest findings report
utcOffsetMinutes serversAheadSeconds isJudgedLikeOriginal notSearchedFor keyFingerprint basicCredentials bearerProbes
ntlmMessages tokenRequests transactionId currentColor
entry tool startedAt sanitised transactions params assertion-type verified failed outcome keySource keyId domain-`
    .toLowerCase()
    .split(/\s+/),
);

/** Ids as this program counts them (`t12`, `c3`), which stand beside every request. */
const ownId = /^[cefrt]\d{1,6}$/i;

/** True for what stands in every capture of these formats, so that it cannot be looked for in one. */
export function isProtocolWord(value: string): boolean {
  return ownId.test(value) || protocolWords.has(value.toLowerCase());
}
