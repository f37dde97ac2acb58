/** `tenant` a GUID, `domain` a DNS name, `wildcard` `*`, `empty` nothing after the `@` or no `@` at all. */
export type RealmKind = "tenant" | "domain" | "wildcard" | "empty" | "other";

/** `guid@realm`, `guid/host@realm` or `/guid@realm`, taken apart (protocol.md §1.2). */
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
