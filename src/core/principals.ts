import { memoize } from "./memoize.ts";
import { wellKnownApplication } from "./well-known-applications.ts";

/** `tenant` a GUID, `domain` a DNS name, `wildcard` `*`, `empty` nothing after the `@` or no `@` at all. */
export type RealmKind = "tenant" | "domain" | "wildcard" | "empty" | "other";

/** The parts of `guid@realm`, `guid/host@realm` or `/guid@realm` ([MS-XOAUTH] 2.2 and 3.2.5.6). */
export interface Principal {
  readonly asSeen: string;
  /** The whole application id in lower case; empty when there is none. A misspelt GUID is not an id. */
  readonly id: string;
  /** The well-known or configured name of `id`, else null. */
  readonly name: string | null;
  /** Host part, lower case, may carry `:port`; null when there is none. */
  readonly host: string | null;
  readonly realm: string;
  readonly realmKind: RealmKind;
  readonly leadingSlash: boolean;
  /** True when `id` was not in lower case: the specification compares case-sensitively. */
  readonly mixedCase: boolean;
}

/** Names by application id in lower case, for example of a dedicated hybrid application. They override the table. */
export type Applications = ReadonlyMap<string, string>;

/** Which `@` divides: an audience at the last one, a `nameid` at the first (observed). They differ only when there are two. */
export type PrincipalRule = "last-at" | "first-at";

const noApplications: Applications = new Map();
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
// At least two labels, a letter in the last one (an address is not a name). Each part is bounded: no backtracking.
const dnsName = /^(?:[a-z0-9_-]{1,63}\.){1,40}(?=[^.]*[a-z])[a-z0-9-]{1,63}\.?$/i;
const url = /^https?:\/\//i;

/** True when the whole text is a GUID in any letter case. */
export function isGuid(text: string): boolean {
  return text.length === 36 && guid.test(text);
}

/** The kind of a realm. A single label (`contoso`) is `other`. */
export function realmKindOf(realm: string): RealmKind {
  if (realm === "") return "empty";
  if (realm === "*") return "wildcard";
  if (isGuid(realm)) return "tenant";
  return realm.length <= 253 && dnsName.test(realm) ? "domain" : "other";
}

/**
 * Parses a principal; any other text gives empty parts and keeps `asSeen`. Never throws.
 * A URL (the audience of an Entra token) gives its host only. The letter case of the realm is significant and kept.
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

/** A capture holds few different principals: recent results are cached for each set of names. */
function parsersFor(applications: Applications): Parsers {
  const known = parsers.get(applications);
  if (known !== undefined) return known;
  const made: Parsers = {
    "last-at": memoize(256, (text) => parse(text, applications, "last-at")),
    "first-at": memoize(256, (text) => parse(text, applications, "first-at")),
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
  // A slash after the `@` belongs to the realm, whose kind is then `other`.
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

/** True for an address (`anna@contoso.com`) in place of an application: a person, never to be repeated. */
export function isPersonsName({ id, asSeen, host }: Principal): boolean {
  if (id !== "" || host !== null) return false;
  const at = asSeen.indexOf("@");
  // A text that begins like an application id is a misspelt one, not a person.
  return at > 0 && !/^\/?[0-9a-f]{4,}-/i.test(asSeen);
}

/** The configured name of an application id, else the well-known one, else null. */
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
