// Replaces people in text: mail addresses, accounts, SIDs, X.500 names, URIs of users, and user information in URLs. Names of
// applications look like addresses and stay.
import { withoutUserInfo } from "../core/user-info.ts";
import { changeInCodings } from "./coded-text.ts";
import { type Pseudonymise, pseudonymOfUser, safeSid } from "./redaction.ts";

/** The text with a pseudonym for every person, in any coding. Idempotent. */
export function withoutPeople(text: string, pseudonymise: Pseudonymise): string {
  return changeInCodings(text, (plain) => scrub(plain, pseudonymise));
}

// As `withoutPeople`, for uncoded text.
function scrub(text: string, pseudonymise: Pseudonymise): string {
  let safe = withoutUserInfo(text);
  if (safe.includes("=")) safe = withoutDistinguishedNames(safe, pseudonymise);
  if (safe.includes("@")) safe = withoutAddresses(safe, pseudonymise);
  if (safe.includes("\\")) safe = withoutAccounts(safe, pseudonymise);
  if (safe.includes(":")) safe = withoutUserUris(safe, pseudonymise);
  if (/s-1-5-21-/i.test(safe)) safe = safe.replace(sidInText, (sid) => safeSid(sid, pseudonymise));
  return safe;
}

const sidInText = /\bS-1-5-21(?:-\d{1,10}){3,5}\b/gi;
// RFC 5322 and RFC 6531 addresses as far as they occur in this traffic. Each part is bounded, so that no text makes it slow.
const address =
  /([\p{L}\p{N}_][\p{L}\p{M}\p{N}._%+'=~!#$&*^{}|:-]{0,127})@(\[[0-9a-f.:]{2,45}\]|\d{1,3}(?:\.\d{1,3}){3}|(?:[\p{L}\p{M}\p{N}_-]{1,63}\.){0,8}[\p{L}][\p{L}\p{M}\p{N}-]{0,62}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/giu;
const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
// Labels before an address: `sip:`, `user=`. Any other text before a colon is a name, and a password follows.
const label =
  /^(?:sips?|smtp|mailto|tel|im|xmpp|upn|users?|username|user_?name|login|login_?hint|mail|e-?mail|mailbox|anchor|address|recipient|owner|for|from|to|of|identity|account|name|id|sipuri|target|value|i|f|x500|eum|membership)[:=|]/i;
const hostName = /^(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}$/i;
const odataWords = /^odata\.[a-z]+$/i;

function withoutAddresses(text: string, pseudonymise: Pseudonymise): string {
  return text.replace(address, (found, whole: string, domain: string, start: number) => {
    let local = whole;
    while (label.test(local)) local = local.replace(label, "");
    const before = whole.slice(0, whole.length - local.length);
    if (isNoPerson(text, { local, domain, start: start + before.length })) return found;
    const colon = local.indexOf(":");
    // `name:password@host` without the slashes of a URL
    if (colon !== -1 && !guid.test(local.slice(colon + 1))) return `${before}redacted@${domain}`;
    return colon === -1 ? `${before}${pseudonymOfUser(local, pseudonymise)}@${domain}` : found;
  });
}

interface Place {
  readonly local: string;
  readonly domain: string;
  readonly start: number;
}

/** `<guid>@contoso.com`, `<guid>/mail.contoso.com@contoso.com` ([MS-XOAUTH] 2.2.1), annotations of OData, marks of this program. */
function isNoPerson(text: string, { local, domain, start }: Place): boolean {
  if (local === "" || local === "redacted" || guid.test(local) || odataWords.test(domain)) return true;
  if (guid.test(domain) && hostName.test(local)) return true;
  return text[start - 1] === "/" && guid.test(text.slice(Math.max(0, start - 37), start - 1));
}

// MS-ADTS: a down-level logon name. In a string of JSON or of a program its backslash is doubled.
const account =
  /(?<![\p{L}\p{N}_.:\\-])([\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,63}|\.)(\\{1,4})([\p{L}\p{N}_][\p{L}\p{M}\p{N}._$'~!#%&+{}^-]{0,103})/gu;
const ownAccounts = /^(?:system|network service|networkservice|localservice|anonymous|iusr)$/i;

function withoutAccounts(text: string, pseudonymise: Pseudonymise): string {
  return text.replace(account, (found, domain: string, slash: string, user: string) => {
    const end = /[.'!]*$/.exec(user)?.[0] ?? "";
    const name = user.slice(0, user.length - end.length);
    if (name === "" || ownAccounts.test(name)) return found;
    return `${domain}${slash}${pseudonymOfUser(name, pseudonymise)}${end}`;
  });
}

const userUri =
  /(?<![\p{L}\p{N}_])(sips?|tel|eum|im|xmpp|smtp|mailto|x500|upn):(?!\/\/)([^\s;,<>"'/?@:()&]{2,128})(?![^\s;,<>"'/?()&]*@)/giu;

/** `sip:anna`, `tel:+4930123`: users of SIP and telephones without a domain. */
function withoutUserUris(text: string, pseudonymise: Pseudonymise): string {
  return text.replace(userUri, (found, scheme: string, user: string) => {
    const isHost = scheme.toLowerCase().startsWith("sip") && hostName.test(user);
    return isHost ? found : `${scheme}:${pseudonymOfUser(user, pseudonymise)}`;
  });
}

// An Exchange address (`/o=…/ou=…/cn=Recipients/cn=anna`) and a directory name (`CN=Anna,OU=Users,DC=contoso`).
const legacyName =
  /(\/o=[^/"<>\r\n]{1,128}(?:\/(?:ou|cn)=[^/"<>\r\n]{1,128})*\/cn=)([^/"'<>;,@\s]{1,128}(?:\s[^/"'<>;,@]{1,128}$)?)/gi;
const directoryName = /(?<![,/]\s{0,2})\bCN=([^,"<>\r\n]{1,128})(?=,\s{0,2}(?:CN|OU|DC)=)/gi;
const containers = /^(?:recipients|configuration|servers|users)$/i;

function withoutDistinguishedNames(text: string, pseudonymise: Pseudonymise): string {
  const put = (name: string): string => (containers.test(name) ? name : pseudonymOfUser(name, pseudonymise));
  return text
    .replace(legacyName, (_, before: string, name: string) => `${before}${put(name)}`)
    .replace(directoryName, (_, name: string) => `CN=${put(name)}`);
}
