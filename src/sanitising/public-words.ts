// Words that are neither names nor secrets. Texts of servers and of this program (reason phrases, faults, EWS message texts) keep the
// listed words only: sentences cannot be listed, and any other word may be a name or a secret. Words of the protocol are not
// searched for: they stand in every capture.

/** Replaces an unlisted word. */
const unknownWord = "***";

// RFC 9110 §15 reason phrases; faults and message texts of EWS ([MS-OXWSCDATA]) and Autodiscover; this program's own.
const words: ReadonlySet<string> = new Set(
  `a able about accept acceptable accepted access account accounts action actor address administrator after again agent all
allow allowed already also always am an and another answer answered anonymous any api application applications are argument
array as ask asks assertion associated at attachment attempt attribute audience authenticate authenticated authentication
authority authorization authorized autodiscover available back bad based basic be bearer because been before began being
between body both box bounds break broke broken but by bytes ca cache calendar call called caller came can cannot canonical
capture captured certificate certificates chain change changed character check chunk chunked cipher ciphers claim claims
client clients clock clocks close closed code coding come comes common compare complete completed condition configuration
configured conflict connect connected connection connections contact contain contained contains content continue conversation
copy correct corrupt could create created credential credentials current cut damaged data database date declared decode
decrypt delegate delegated delete deleted denied deny descriptors destination did different digest directory disabled disk
display distrusts do does domain down duplicate during each early element empty enabled encoding encountered end ended ending
ends endpoint enough entity entry error errors ews exceeded exceeds exception exchange existing exist exists expectation
expected expired expires extended external failed fails failure fault few field fields file finalized find finds finish
finished first folder follow follows for forbidden form format found free from full gateway get gives given go goes gone
granted grant graph greater group had handler handshake has have header headers here hint host http https id identifier
identity ids if illegal impersonate impersonated impersonation in inbox incorrect indexed initialized inner inspection
insufficient intermediate internal into invalid is issued issuer it item items its just key keys kind known larger last later
least left legacy length less let limit limits line link list load local location lock locked logon longer looked lost machine
made mail mailbox mailboxes maintenance make malformed many match matching may means media memory message messages
metadata method minimum missing mode modified modification more moved much multi multiple must name names nanoseconds
namespace negotiate network never new next no node none not nothing notification null number object objects occurred of off
offer offers offered office office365 old on once one only open operation operations option options or order organization
original other our out outlook over own parameter parse part partial parties partner password past path payload payment
peer per period permanent permission permissions permitted person pipe place please point policy port possible post
precondition preconditions present primary principal private privilege problem process processable processed processes
processing profile program properties property protocol provided provider proxy public query queue quota range read
reading realm reason received recipient record recorded records recover redirect reduce refresh refused refuses
registered rejected remote remove removed repeat replied reply request requested requests require required requires reset
resource resources respond response responses rest restart results retry return returned right role root running said same
saved schema scheme scope search second seconds section secure security see self self-signed send sends sent server servers
service services session sessions set settings several short should sign signed signature since single site size sizes slow
slowly small smtp so soap some source space speak speaks specified ssl standard start started state states status stop stopped
storage store stored stream string submit submitted subscription subscriptions succeeded success successful such support
supported switching syntax system target target's taken task tell temporarily temporary tenant text than that the their them
then there these they this those thread throttled throttling time timed timeout times tls to together token tokens too took
trace traffic trailers transaction transfer transient translate transport trust trusted try two type types unable
unauthorized unavailable unclear under unexpected unimplemented unknown unmodified unprocessable unreachable unreadable
unsupported until up update upgrade upload upstream uri url usable use used useful user users uses using valid validate
validation value values variant verified verify version versions very via wait waiting want was way we went were when where
whether which while whole will windows with within without words work works wrong written xml yet you your
reached away revoked inside block packed what damage orderly every protocols information reported choices satisfiable
implemented negotiates bandwidth mitmproxy tshark wireshark fiddler packet packets flow flows dump layer ok teapot i'm non-authoritative multi-status im permanently large long early hints misdirected failed dependency loop
detected extended content-length length-required upgrade-required precondition-required required legal reasons not-tls
machine's cannot ntlm kerberos spnego oauth oauth2 jwt http/1.1 http/1.0 http/2 time-out autodiscover.svc requester
begin begins followed asked colon served needs socket arrived something holds tcp renew dictionary deeper nested http:// https:// us-ascii
sender receiver bug mustunderstand versionmismatch schemavalidation owner smtp-address xml-encoded
although earlier serving tunnel lifetime compacttoken parsing formed signing continuous evaluation revocation odata inactive
soft-deleted hosted on-premise privileges resolve well weak leads serve algorithm expects older retries
`
    .trim()
    .split(/\s+/),
);

/** Error codes of Node, OpenSSL and X.509, by their spelling. */
const errorCode =
  /^(?:E[A-Z]{3,15}|[A-Z]{2,12}(?:_[A-Z]{1,14}(?:V\d)?){1,8}|ERR_(?:O?SSL|TLS|X509)(?:_[A-Z0-9]{1,16}){1,12}|UNSPECIFIED)$/;
const edges = /^[("'[]*|[)"'\].,:;!?]*$/g;

/** The text with every unlisted word replaced; numbers of up to five digits and error codes stay. */
export function onlyPublicWords(text: string): string {
  if (text === "" || words.has(text.toLowerCase())) return text;
  return text.replace(/\S+/g, (chunk) => {
    const word = chunk.replace(edges, "");
    return isPublic(word) ? chunk : unknownWord;
  });
}

/** True for a listed word. */
export function isPublicWord(word: string): boolean {
  return words.has(word.toLowerCase());
}

function isPublic(word: string): boolean {
  if (word.length < 2 || word === unknownWord || /^-?\d{1,5}$/.test(word)) return true;
  // `the client's bytes`
  if (words.has(word.toLowerCase().replace(/'s$/, "")) || words.has(word.toLowerCase()) || errorCode.test(word))
    return true;
  return (
    /^[a-z]+(?:-[a-z]+)+$/i.test(word) &&
    word
      .toLowerCase()
      .split("-")
      .every((part) => words.has(part))
  );
}

/**
 * Words of the protocol and of the capture formats, in lower case. A password that equals one of them cannot be told from it, and
 * replacing it everywhere would reveal it.
 */
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
ntlmMessages tokenRequests transactionId currentColor logRows logRowsDropped basis callerShownBy rows logs traffic
entry tool startedAt sanitised ps1 transactions params assertion-type verified failed outcome keySource keyId domain-`
    .toLowerCase()
    .split(/\s+/),
);

/** Ids of this program (`t12`, `c3`), which accompany every request. */
const ownId = /^[cefrt]\d{1,6}$/i;

// Names of cmdlets, parameters and properties in the answers of readiness, which are in nearly every report.
const commandNames =
  "get-organizationconfig retrieveewsoperationaccesspolicy ewsallowedappids nextcertificatethumbprint get-mgserviceprincipal keycredentials expandproperty configureexchangehybridapplication.ps1 resetfirstpartyserviceprincipalkeycredentials get-exchangeserver fileversioninfo";

/**
 * True for a word or id that occurs in every capture of these formats, so that a search for it is useless. A long value is also
 * searched for inside of words, so a part of a command's name counts.
 */
export function isProtocolWord(value: string): boolean {
  const word = value.toLowerCase();
  return ownId.test(value) || protocolWords.has(word) || (word.length > 11 && commandNames.includes(word));
}
