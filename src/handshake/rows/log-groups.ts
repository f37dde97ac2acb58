// Which handshake the rows of one caller at one server belong to. Rows are kept in handshakes of their own, one for each realm that they
// show, and are put beside traffic only where they are looked at: so the order of events does not matter, and rows never change what
// traffic has proven.
import { boundedMap } from "../../core/bounded-map.ts";
import type { HandshakeStore } from "../handshake-store.ts";
import type { Handshake } from "../reduce.ts";
import { attachRows } from "./shown-handshake.ts";

/** The handshakes of one caller and server. */
interface Group {
  readonly ids: Set<string>;
  /** By the id of a handshake of rows: the one that it is shown in. */
  shownIn: ReadonlyMap<string, string>;
}

/** Handshakes as they are shown after a change. */
export interface GroupChange {
  /** The handshake that was asked for. */
  readonly handshake: Handshake;
  /** Others of the group whose rows changed. */
  readonly changed: readonly Handshake[];
  readonly absorbed: readonly { readonly id: string; readonly into: string }[];
}

export interface LogGroups {
  /** The handshake of rows as it is shown, and what else changed by it. */
  changeRows(rows: Handshake): GroupChange;
  /** The same for a handshake of traffic; alone where its caller and server have no rows. */
  changeTraffic(handshake: Handshake): GroupChange;
  /** All handshakes as they are shown. */
  views(handshakes: readonly Handshake[]): readonly Handshake[];
}

const groupLimit = 2_000;
const idLimit = 64;
const nothing = { changed: [], absorbed: [] } as const;

/** Starts without groups. */
export function startLogGroups(store: HandshakeStore): LogGroups {
  const groups = boundedMap<string, Group>(groupLimit);
  const membersOf = ({ ids }: Group): readonly Handshake[] => {
    const members = [...ids].map((id) => store.get(id)).filter((one) => one !== undefined);
    return [...new Map(members.map((one) => [one.id, one])).values()];
  };
  const groupOf = (handshake: Handshake): Group | undefined =>
    isNamed(handshake) ? groups.get(nameOf(handshake)) : undefined;
  const viewIn = (group: Group, base: Handshake): Handshake =>
    membersOf(group)
      .filter(({ id }) => group.shownIn.get(id) === base.id)
      .reduce(attachRows, base);
  const startGroup = (rows: Handshake): Group => {
    const traffic = [...store.all()].filter((one) => one.transactionCount > 0 && nameOf(one) === nameOf(rows));
    const group: Group = { ids: new Set(traffic.slice(0, idLimit - 1).map(({ id }) => id)), shownIn: new Map() };
    groups.set(nameOf(rows), group);
    return group;
  };
  const change = (group: Group, handshake: Handshake): GroupChange => {
    if (group.ids.size < idLimit) group.ids.add(handshake.id);
    // Most groups are one handshake, to which rows are added.
    if (group.ids.size === 1 && group.ids.has(handshake.id)) return { handshake, ...nothing };
    const before = group.shownIn;
    const members = membersOf(group);
    group.shownIn = assign(members);
    const base = store.get(group.shownIn.get(handshake.id)) ?? handshake;
    const moved = members.filter(({ id }) => group.shownIn.get(id) !== before.get(id));
    const others = moved.length === 0 ? [] : members.filter(({ id }) => !group.shownIn.has(id) && id !== base.id);
    return {
      handshake: viewIn(group, base),
      changed: others.map((one) => viewIn(group, one)),
      absorbed: moved.flatMap(({ id }) => {
        const into = group.shownIn.get(id);
        return into === undefined ? [] : [{ id, into }];
      }),
    };
  };
  return {
    changeRows: (rows) =>
      isNamed(rows) ? change(groupOf(rows) ?? startGroup(rows), rows) : { handshake: rows, ...nothing },
    changeTraffic(handshake) {
      const group = groupOf(handshake);
      return group === undefined ? { handshake, ...nothing } : change(group, handshake);
    },
    views(handshakes) {
      const hidden = new Set<string>();
      for (const group of groups.values()) {
        group.shownIn = assign(membersOf(group));
        for (const id of group.shownIn.keys()) hidden.add(id);
      }
      return handshakes
        .filter(({ id }) => !hidden.has(id))
        .map((one) => {
          const group = groupOf(one);
          return group === undefined ? one : viewIn(group, one);
        });
    },
  };
}

function isNamed({ caller }: Handshake): boolean {
  return caller !== null && caller.id !== "";
}

function nameOf({ server, caller }: Handshake): string {
  return `${server}\n${caller?.id ?? ""}`;
}

/** By the id of a handshake of rows: the handshake that shows its rows, where that is another one. */
function assign(members: readonly Handshake[]): ReadonlyMap<string, string> {
  const shownIn = new Map<string, string>();
  const traffic = members.filter(({ transactionCount }) => transactionCount > 0);
  const rows = members.filter(({ transactionCount }) => transactionCount === 0);
  for (const one of rows.filter(({ realm }) => realm !== "")) {
    const target = only(
      traffic.filter((other) => realmOf(other) === realmOf(one)),
      one,
    );
    if (target !== undefined) shownIn.set(one.id, target.id);
  }
  const realms = new Set(members.map(realmOf).filter((realm) => realm !== ""));
  const [realm = ""] = realms;
  for (const one of rows.filter((other) => other.realm === "")) {
    if (realms.size > 1) continue;
    const target =
      only(
        traffic.filter((other) => realmOf(other) === realm),
        one,
      ) ?? (realm === "" ? undefined : rows.find((other) => realmOf(other) === realm));
    if (target !== undefined) shownIn.set(one.id, shownIn.get(target.id) ?? target.id);
  }
  return shownIn;
}

function realmOf({ realm }: Handshake): string {
  return realm.toLowerCase();
}

/** The only handshake of traffic, or the only one of the same client. */
function only(traffic: readonly Handshake[], { client }: Handshake): Handshake | undefined {
  if (traffic.length === 1) return traffic[0];
  const own = client === "" ? [] : traffic.filter((one) => one.client === client);
  return own.length === 1 ? own[0] : undefined;
}
