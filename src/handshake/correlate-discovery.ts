// The first leg of Teams: it asks Autodiscover v2 for the address of EWS, without sign-in. It is joined with the call that the same
// client then sends to that address, or to the same name.

import type { HttpTransaction } from "../core/http-transaction.ts";
import type { Discovery } from "../decoders/discovery-facts.ts";
import type { Place } from "./conversation.ts";
import { type CorrelationInput, noHandshake, type RoleCorrelation } from "./correlation.ts";
import { nextRoute } from "./direction.ts";
import type { HandshakeStore } from "./handshake-store.ts";
import { type Handshake, newHandshake, type StepRecord, withTransaction } from "./reduce.ts";

/** A look-up and its answer: a step of the handshake of this client with the server that was found. */
export function acceptDiscovery(
  store: HandshakeStore,
  { transaction, facts, place }: CorrelationInput,
): RoleCorrelation {
  const { discovery } = facts;
  if (discovery === undefined) return noHandshake;
  const found = discovery.answer === "address" && discovery.host !== "" ? discovery.host : place.server;
  const names = [...new Set([found, place.server])].map((server) => nameOf(store, place.client, server));
  const known = names.map((name) => store.byDiscovery.find(name)).find((one) => one !== undefined);
  const before = known ?? newHandshake(store.nextId(), place.client, place.server, place.at);
  const added = withTransaction(before, transaction.id, [place.at, place.endedAt]);
  const handshake: Handshake = {
    ...added,
    route: nextRoute(added.route, "autodiscover"),
    steps: { ...added.steps, discovery: stepOf(transaction, discovery) },
  };
  store.put(handshake);
  for (const name of names) store.byDiscovery.name(name, handshake.id);
  return { ...noHandshake, handshake };
}

/**
 * The handshake of a look-up of this client that found this server, or was sent to it, and that no call has followed yet; it now is a
 * handshake with this server. Undefined when there is none.
 */
export function takeDiscovered(
  store: HandshakeStore,
  { client, server }: Pick<Place, "client" | "server">,
): Handshake | undefined {
  const found = store.byDiscovery.find(nameOf(store, client, server));
  if (found === undefined || found.isCalled || found.caller !== null) return undefined;
  return found.server === server ? found : { ...found, server };
}

function nameOf(store: HandshakeStore, client: string, server: string): string {
  return store.callName({ client, server, callerId: "", realm: "" });
}

function stepOf({ id, response }: HttpTransaction, { answer }: Discovery): StepRecord {
  if (response === null) return { state: "failed", transactionId: id, note: "no answer" };
  const { status } = response;
  const isTelling = status === 200 || (status >= 300 && status < 400);
  const note = isTelling ? `${status}${answerNotes[answer]}` : String(status);
  const isFound = isTelling && (answer === "address" || answer === "sent-on");
  return { state: isFound ? "ok" : "failed", transactionId: id, note };
}

const answerNotes: Readonly<Record<Discovery["answer"], string>> = {
  address: ", an address",
  "sent-on": ", sent on",
  "sign-in": " to another page",
  page: ", a web page",
  other: " without an address",
  none: "",
};
