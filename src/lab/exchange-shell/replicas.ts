// Several domain controllers: a change on one reaches the others only after some reads there have missed it.
import { CmdletFailure } from "./cmdlet-error.ts";
import type { DirectoryObject, DirectoryState, ObjectKind, Properties, Value } from "./directory-state.ts";

/** The directory of one call: its reads and writes go to one controller. */
export interface View {
  state: DirectoryState;
  readonly controller: string;
}

/** Opens the controller that the call names; else the last one, which is not the one that writes go to. */
export function openView(state: DirectoryState, parameters: Properties): View {
  const wanted = parameters.DomainController;
  const controllers = state.domainControllers;
  const found = wanted === undefined ? controllers.at(-1) : controllers.find((one) => isSame(one.name, wanted));
  if (found === undefined || found.isDown) throw unreachable(`${wanted ?? "domain controller"}`);
  return { state: deliver(state, found.name), controller: found.name };
}

export function objectsOf(view: View, ...kinds: readonly ObjectKind[]): readonly DirectoryObject[] {
  const domain = view.state.domainControllers.find((one) => one.name === view.controller)?.domain;
  return Object.values(view.state.replicas[view.controller] ?? {}).filter(
    (one) => kinds.includes(one.kind) && (one.domain === undefined || one.domain === domain),
  );
}

/** Writes an object (null removes it) on this controller at once, on the others later. */
export function putObject(view: View, guid: string, object: DirectoryObject | null): void {
  const others = view.state.domainControllers.filter((one) => one.name !== view.controller);
  view.state = {
    ...view.state,
    replicas: withObject(view.state, view.controller, guid, object),
    pending: [...view.state.pending, ...others.map(({ name }) => ({ to: name, misses: view.state.lag, guid, object }))],
  };
}

export function isSame(left: Value | undefined, right: Value | undefined): boolean {
  return `${left}`.toLowerCase() === `${right}`.toLowerCase();
}

/** Counts one read on this controller: changes that enough reads have missed arrive. */
function deliver(state: DirectoryState, controller: string): DirectoryState {
  let next: DirectoryState = { ...state, pending: [] };
  for (const change of state.pending) {
    if (change.to === controller && change.misses <= 0) {
      next = { ...next, replicas: withObject(next, controller, change.guid, change.object) };
    } else {
      const misses = change.to === controller ? change.misses - 1 : change.misses;
      next = { ...next, pending: [...next.pending, { ...change, misses }] };
    }
  }
  return next;
}

function withObject(
  state: DirectoryState,
  controller: string,
  guid: string,
  object: DirectoryObject | null,
): DirectoryState["replicas"] {
  const { [guid]: _, ...others } = state.replicas[controller] ?? {};
  return { ...state.replicas, [controller]: object === null ? others : { ...others, [guid]: object } };
}

function unreachable(about: string): CmdletFailure {
  const type = "ADTransientException";
  return new CmdletFailure({ type, id: type, category: "ResourceUnavailable", about });
}
