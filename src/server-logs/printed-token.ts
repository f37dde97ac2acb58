// The caller of a token as Exchange prints it into its logs: base64 of `header.claims; actor: header.claims`, without signatures.

/** What a printed token says about its caller. */
export interface PrintedCaller {
  /** In lower case; null when the token names no application. */
  readonly applicationId: string | null;
  readonly realm: string | null;
}

const longest = 16_384;
const rawToken = /^e[yw][A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]/;
const actorMark = /;?\s{0,8}\bactor\s{0,4}:\s{0,4}\{/;
const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The text of a logged token: decoded from base64; unchanged when it is a raw token; null when it is neither. */
export function readLoggedToken(cell: string): string | null {
  const text = cell.trim().slice(0, longest);
  if (text === "") return null;
  if (rawToken.test(text)) return text;
  // Exchange replaces the `=` of the padding with a blank.
  const packed = text
    .replaceAll("-", "+")
    .replaceAll("_", "/")
    .replace(/[\s=]+/g, "");
  if (!/^[A-Za-z0-9+/]{8,}$/.test(packed)) return null;
  const whole = packed.length % 4 === 1 ? packed.slice(0, -1) : packed;
  const decoded = new TextDecoder().decode(Uint8Array.from(atob(whole), (char) => char.charCodeAt(0)));
  return rawToken.test(decoded) || decoded.trimStart().startsWith("{") ? decoded : null;
}

/** True for a raw token, perhaps with a signature: Exchange could not parse it. */
function isRawToken(text: string): boolean {
  return rawToken.test(text);
}

/** The caller of a printed token: its actor where there is one. Nothing of a raw token, which Exchange could not parse. */
export function callerOfPrinted(text: string): PrintedCaller {
  if (isRawToken(text)) return { applicationId: null, realm: null };
  const actorAt = text.search(actorMark);
  const part = actorAt === -1 ? text : text.slice(actorAt);
  const [nameId = "", nameRealm = ""] = splitAt(claim(part, "nameid"));
  const [issuer = "", issuerRealm = ""] = splitAt(claim(part, "iss"));
  const id = [nameId, claim(part, "appid"), claim(part, "azp"), actorAt === -1 ? issuer : ""].find((text) =>
    guid.test(text),
  );
  const realm = [nameRealm, claim(part, "tid"), issuerRealm].find((text) => /^[A-Za-z0-9._-]{1,253}$/.test(text));
  return { applicationId: id?.toLowerCase() ?? null, realm: realm ?? null };
}

/** The kinds of names of the user for whom the application of a printed token acts; null when it acts for none. */
export function userKeysOfPrinted(text: string): readonly string[] | null {
  const actorAt = isRawToken(text) ? -1 : text.search(actorMark);
  if (actorAt === -1) return null;
  const outer = text.slice(0, actorAt);
  return ["smtp", "sip", "upn", "oid", "puid", "liveid"].filter((key) => claim(outer, key) !== "");
}

function splitAt(principal: string): readonly string[] {
  const at = principal.indexOf("@");
  return at === -1 ? [principal] : [principal.slice(0, at), principal.slice(at + 1)];
}

function claim(text: string, name: string): string {
  return new RegExp(`(?:^|[{,\\s])"${name}"\\s{0,4}:\\s{0,4}"([^"\\\\]{0,600})"`).exec(text)?.[1] ?? "";
}
