// The shapes of the column AuthenticatedUser. Names of accounts are recognised and never kept.

/**
 * `application`: `S2S~`, `V1A~` and `V1S~` with an id; `acts-as`: an application for a user, `keys` the kinds of the user's names;
 * `sid` and `account`: a person, of a SID also an application that acts as one; `machine`: an account of a computer or of the system;
 * `health-mailbox`: of Exchange's own probes; `callback`: `CLB~`; `other`: a shape that is not known.
 */
export type SignedIn =
  | { readonly kind: "application"; readonly form: "S2S" | "V1A" | "V1S"; readonly applicationId: string }
  | { readonly kind: "acts-as"; readonly form: "actas1" | "actas2"; readonly keys: readonly string[] }
  | { readonly kind: "sid" | "account" | "machine" | "health-mailbox" | "callback" | "none" | "other" };

const application = /^(S2S|V1A|V1S)~([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f-])/i;
const actsAs = /^(?:<[a-z]{1,20}>)?(actas[12])\(([^()]{0,4096})\)/i;
/** Kinds of names of a user in a token, as Exchange prints them. */
const userKeys: ReadonlySet<string> = new Set(["sid", "netid", "upn", "smtp", "sip", "liveid", "oid", "dn", "puid"]);

/** The shape of a name of AuthenticatedUser. Never throws. */
export function readSignedIn(text: string): SignedIn {
  const name = text.trim();
  if (name === "" || name === "-") return { kind: "none" };
  const [, form, id] = application.exec(name) ?? [];
  if (form !== undefined && id !== undefined)
    return { kind: "application", form: form.toUpperCase() as "S2S" | "V1A" | "V1S", applicationId: id.toLowerCase() };
  const [, acting, users = ""] = actsAs.exec(name) ?? [];
  if (acting !== undefined)
    return { kind: "acts-as", form: acting.toLowerCase() as "actas1" | "actas2", keys: keysOf(users) };
  return { kind: accountKind(name) };
}

function accountKind(name: string): "sid" | "account" | "machine" | "health-mailbox" | "callback" | "other" {
  if (/^S-1-5-(?:18|19|20)$/i.test(name) || /^NT AUTHORITY\\/i.test(name)) return "machine";
  if (/^S-1-\d{1,3}(?:-\d{1,10}){1,15}$/i.test(name)) return "sid";
  if (/^CLB~/i.test(name)) return "callback";
  if (/[~()<>|]/.test(name)) return "other";
  if (/(?:^|\\)HealthMailbox[0-9a-z-]{0,64}(?:@[a-z0-9.-]{1,253})?$/i.test(name)) return "health-mailbox";
  return /\$(?:@[a-z0-9.-]{1,253})?$/i.test(name) ? "machine" : "account";
}

function keysOf(users: string): readonly string[] {
  const keys = users.split("|").map((user) => user.split(/[:~]/, 1)[0]?.trim().toLowerCase() ?? "");
  return [...new Set(keys)].filter((key) => userKeys.has(key));
}
