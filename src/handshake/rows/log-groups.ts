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
  /** Adds a handshake of rows. */
  add(rows: Handshake): void;
  /** Adds a handshake of traffic where its caller and server have rows. */
  addTraffic(handshake: Handshake): void;
  /** The handshake of rows as it is shown, and what else changed by it. */
  change(rows: Handshake): GroupChange;
  /** The handshake with its rows. */
  view(handshake: Handshake): Handshake;
  /** All handshakes as they are shown. */
  views(handshakes: readonly Handshake[]): readonly Handshake[];
}

const groupLimit = 2_000;
const idLimit = 64;

/** Starts without groups. */
export function startLogGroups(store: HandshakeStore): LogGroups {
  const groups = boundedMap<string, Group>(groupLimit);
  const membersOf = ({ ids }: Group): readonly Handshake[] => {
    const members = [...ids].map((id) => store.get(id)).filter((one) => one !== undefined);
    return [...new Map(members.map((one) => [one.id, one])).values()];
  };
  const groupOf = (handshake: Handshake): Group | undefined => groups.get(nameOf(handshake));
  const viewIn = (group: Group, base: Handshake): Handshake =>
    membersOf(group)
      .filter(({ id }) => group.shownIn.get(id) === base.id)
      .reduce(attachRows, base);
  const view = (handshake: Handshake): Handshake => {
    const group = isNamed(handshake) ? groupOf(handshake) : undefined;
    return group === undefined ? handshake : viewIn(group, handshake);
  };
  const add = (group: Group, id: string): void => {
    if (group.ids.size < idLimit) group.ids.add(id);
    group.shownIn = assign(membersOf(group));
  };
  return {
    add(rows) {
      if (!isNamed(rows)) return;
      const known = groupOf(rows);
      if (known !== undefined) {
        add(known, rows.id);
        return;
      }
      const traffic = [...store.all()].filter((one) => one.transactionCount > 0 && nameOf(one) === nameOf(rows));
      const group: Group = { ids: new Set(traffic.slice(0, idLimit - 1).map(({ id }) => id)), shownIn: new Map() };
      groups.set(nameOf(rows), group);
      add(group, rows.id);
    },
    addTraffic(handshake) {
      const group = isNamed(handshake) ? groupOf(handshake) : undefined;
      if (group !== undefined && !group.ids.has(handshake.id)) add(group, handshake.id);
    },
    change(rows) {
      const group = isNamed(rows) ? groupOf(rows) : undefined;
      if (group === undefined) return { handshake: rows, changed: [], absorbed: [] };
      const before = group.shownIn;
      group.shownIn = assign(membersOf(group));
      const base = store.get(group.shownIn.get(rows.id)) ?? rows;
      const moved = membersOf(group).filter(({ id }) => group.shownIn.get(id) !== before.get(id));
      const bases = moved.length === 0 ? [] : membersOf(group).filter(({ id }) => !group.shownIn.has(id));
      return {
        handshake: viewIn(group, base),
        changed: bases.filter(({ id }) => id !== base.id).map((one) => viewIn(group, one)),
        absorbed: moved.flatMap(({ id }) => {
          const into = group.shownIn.get(id);
          return into === undefined ? [] : [{ id, into }];
        }),
      };
    },
    view,
    views(handshakes) {
      const hidden = new Set<string>();
      for (const group of groups.values()) {
        group.shownIn = assign(membersOf(group));
        for (const id of group.shownIn.keys()) hidden.add(id);
      }
      return handshakes.filter(({ id }) => !hidden.has(id)).map(view);
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
