// Error texts in logs are altered (`,` `;` `=` are lost), may be in the server's language, and may end in a search filter or a name
// of the directory. Only words of the protocol leave this file.

const words: ReadonlySet<string> = new Set(
  `a account actor actual ad algorithm allowed alternative ambiguous an and any app appid application applications are as asserted
assertion audience auth authenticate authenticated authentication authorization aud be because been bearer but by call callback
cannot categories certificate certificates claim claims client clock component configuration configured contain contains context
could credentials decoded did different differ differs disabled do does doesn't domain empty enabled endpoint error ews exchange
exist exists exp expected expired expires failed finding flighting following for format found from front granted has have header
host hostname id identifier identity in incorrect internal invalid is iss issuer issuers key keys legacy lifetime linked log
mailbox mailboxes malformed match matched missing mismatch more multiple must name nameid nameidentifier nbf no none not nor neither
null oauth of on one only or organization outer outlook own parse parsed partner permission permissions present principal process
processing profile puid read realm reason recipient recipients refused require required requires resolve resource role roles root
same scope scopes search self-issued server service sid signature signed signing sip smtp specified supported tenant than that the
their this tid to token tokens trusted type unable understood unexpected unknown unreadable unsigned unsupported upn url used user
user-context users valid validate validation value verified verify version was web webex were when which while with within without
wrong x5t`
    .split(/\s+/)
    .filter((word) => word !== ""),
);

/** Names of Exchange that a reason quotes: profiles, errors and exceptions. */
const codeName =
  /^(?:V1)?S2S[A-Za-z]{2,20}$|^V1[A-Za-z]{2,30}$|^[A-Z][A-Za-z0-9]{2,60}(?:Exception|Error)$|^[A-Z][a-z]{2,20}(?:[A-Z][a-z]{1,20}){1,6}$/;
const edges = /^[("'[<]+|[)"'\]>.,:;!?]+$/g;
const longest = 600;
const longestKept = 250;

/** The words of the protocol in an error text; `…` in place of a run of others. */
export function protocolWords(text: string): string {
  const parts: string[] = [];
  for (const chunk of text.slice(0, longest).split(/\s+/)) {
    const bare = chunk.replace(edges, "");
    const isKept = words.has(bare.toLowerCase()) || /^\d{1,7}$/.test(bare);
    if (isKept) parts.push(bare);
    else if (bare !== "" && parts.at(-1) !== "…") parts.push("…");
  }
  return parts.every((part) => part === "…") ? "" : parts.join(" ").slice(0, longestKept);
}

/** True for a name of an error, a profile or an exception, such as `UnexpectedErrorOccurred`: one word in the writing of code. */
export function isCodeName(text: string): boolean {
  return codeName.test(text);
}
