import { remembered } from "./remembered.ts";
import { wellKnownApplication } from "./well-known-applications.ts";

/** `tenant` a GUID, `domain` a DNS name, `wildcard` `*`, `empty` nothing after the `@` or no `@` at all. */
export type RealmKind = "tenant" | "domain" | "wildcard" | "empty" | "other";

/** `guid@realm`, `guid/host@realm` or `/guid@realm`, taken apart ([MS-XOAUTH] 2.2 and 3.2.5.6). */
export interface Principal {
  readonly asSeen: string;
  /** The whole application id in lower case; empty when there is none. A near miss of a GUID is not one. */
  readonly id: string;
  /** The well-known or configured name of `id`, else null. */
  readonly name: string | null;
  /** Host part, lower case, may carry `:port`; null when there is none. */
  readonly host: string | null;
  readonly realm: string;
  readonly realmKind: RealmKind;
  readonly leadingSlash: boolean;
  /** True when `id` was not written in lower case: the specification compares case-sensitively. */
  readonly mixedCase: boolean;
}

/** Names by application id in lower case: a customer's dedicated hybrid application, for example. They win over the table. */
export type Applications = ReadonlyMap<string, string>;

/** Which `@` divides: an audience at the last one, a `nameid` at the first (observed). They differ only when there are two. */
export type PrincipalRule = "last-at" | "first-at";

const noApplications: Applications = new Map();
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
// At least two labels; the last has a letter, so that an address is not taken for a name. Each part is bounded: no backtracking.
const dnsName = /^(?:[a-z0-9_-]{1,63}\.){1,40}(?=[^.]*[a-z])[a-z0-9-]{1,63}\.?$/i;
const url = /^https?:\/\//i;

/** True for a whole GUID in any letter case, nothing before or after it. */
export function isGuid(text: string): boolean {
  return text.length === 36 && guid.test(text);
}

/** What kind of realm a text is. A single label (`contoso`) is `other`. */
export function realmKindOf(realm: string): RealmKind {
  if (realm === "") return "empty";
  if (realm === "*") return "wildcard";
  if (isGuid(realm)) return "tenant";
  return realm.length <= 253 && dnsName.test(realm) ? "domain" : "other";
}

/**
 * Takes a principal apart; total, so a text that is none gives empty parts and keeps `asSeen`.
 * A URL (an Entra token's audience) gives its host alone. Letter case of the realm is kept: it matters.
 */
export function parsePrincipal(
  text: string,
  applications: Applications = noApplications,
  rule: PrincipalRule = "last-at",
): Principal {
  const parse = parsersFor(applications)[rule];
  return parse(text);
}

type Parsers = Readonly<Record<PrincipalRule, (text: string) => Principal>>;
const parsers = new WeakMap<Applications, Parsers>();

/** Few principals fill a capture: the last ones are taken apart once for each set of names. */
function parsersFor(applications: Applications): Parsers {
  const known = parsers.get(applications);
  if (known !== undefined) return known;
  const made: Parsers = {
    "last-at": remembered(256, (text) => parse(text, applications, "last-at")),
    "first-at": remembered(256, (text) => parse(text, applications, "first-at")),
  };
  parsers.set(applications, made);
  return made;
}

function parse(text: string, applications: Applications, rule: PrincipalRule): Principal {
  const scheme = url.exec(text)?.[0];
  if (scheme !== undefined) return urlPrincipal(text, scheme.length);
  const leadingSlash = text.startsWith("/");
  const rest = leadingSlash ? text.slice(1) : text;
  const at = rule === "last-at" ? rest.lastIndexOf("@") : rest.indexOf("@");
  const front = at === -1 ? rest : rest.slice(0, at);
  // A slash after the `@` belongs to the realm, which then is no realm that anyone knows: the kind `other` says so.
  const slash = front.indexOf("/");
  const written = slash === -1 ? front : front.slice(0, slash);
  const id = isGuid(written) ? written.toLowerCase() : "";
  const realm = at === -1 ? "" : rest.slice(at + 1);
  const host = slash === -1 ? "" : front.slice(slash + 1).toLowerCase();
  return {
    asSeen: text,
    id,
    name: applicationName(id, applications),
    host: host === "" ? null : host,
    realm,
    realmKind: realmKindOf(realm),
    leadingSlash,
    mixedCase: id !== "" && id !== written,
  };
}

/** True for an address (`anna@contoso.com`) where an application's name should be: a person, not to be repeated anywhere. */
export function isPersonsName({ id, asSeen, host }: Principal): boolean {
  if (id !== "" || host !== null) return false;
  const at = asSeen.indexOf("@");
  // What begins like an application's id is a slip in it, not a person.
  return at > 0 && !/^\/?[0-9a-f]{4,}-/i.test(asSeen);
}

/** The configured name of an id, else the well-known one, else null. */
export function applicationName(id: string, applications: Applications = noApplications): string | null {
  if (id === "") return null;
  return applications.get(id) ?? wellKnownApplication(id)?.name ?? null;
}

function urlPrincipal(text: string, start: number): Principal {
  const rest = text.slice(start);
  const end = rest.search(/[/?#\\]/);
  const host = (end === -1 ? rest : rest.slice(0, end)).toLowerCase();
  return {
    asSeen: text,
    id: "",
    name: null,
    host: host === "" ? null : host,
    realm: "",
    realmKind: "empty",
    leadingSlash: false,
    mixedCase: false,
  };
}
