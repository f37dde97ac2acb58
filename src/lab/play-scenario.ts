// Plays the traffic of a scenario: the cloud's calls to Exchange Server, then Exchange Server's own calls.
import type { KeyObject } from "node:crypto";
import { callCloud } from "./exchange-calls.ts";
import { readKeys } from "./exchange-trust.ts";
import { type Client, openClient } from "./https-client.ts";
import type { LabKeys } from "./keys.ts";
import type { OutboundTokenRequest } from "./logs/exchange-call.ts";
import { exchangeName, metadataPath, stsName } from "./names.ts";
import type { Deviations, OutboundCalls } from "./scenarios.ts";
import { callExchange } from "./sfb-online.ts";
import { callAsTeams } from "./teams-calls.ts";

export interface LabEndpoint {
  /** The TLS name, for example `mail.contoso.example`. */
  readonly name: string;
  readonly host: "127.0.0.1";
  readonly port: number;
}

/** The servers of a lab. */
export interface LabEndpoints {
  readonly exchange: LabEndpoint;
  readonly sts: LabEndpoint;
  readonly sfbOnline: LabEndpoint;
  /** Entra ID, the token service of the dedicated hybrid application. */
  readonly entra: LabEndpoint;
  /** Microsoft Graph, for calls about mailboxes. */
  readonly graph: LabEndpoint;
  readonly exchangeOnline: LabEndpoint;
}

export interface LabRoutes {
  /** In front of Exchange. */
  readonly exchangeReverse: { readonly host: string; readonly port: number };
  readonly forwardProxy: { readonly host: string; readonly port: number };
  /** The certificate that both present. */
  readonly proxyCertificatePem: string;
  /** Awaited before each request, so that a person can follow. */
  readonly pause?: (label: string) => Promise<void>;
}

/** The keys that Exchange holds: fetched when a token first needs them, over the client that the scenario opened. */
export interface FetchedKeys {
  get(): Promise<ReadonlyMap<string, KeyObject>>;
  fetchWith(fetch: () => Promise<ReadonlyMap<string, KeyObject>>): void;
}

export interface Stage {
  readonly keys: LabKeys;
  readonly deviations: Deviations;
  readonly callers: readonly string[];
  readonly endpoints: LabEndpoints;
  readonly exchangeKeys: FetchedKeys;
  readonly routes: LabRoutes;
  /** Gets each token request of Exchange. */
  readonly logTokenRequest?: ((request: OutboundTokenRequest) => void) | undefined;
}

/** Plays the whole traffic; resolves when the last answer was read. */
export async function playScenario({
  keys,
  deviations,
  callers,
  endpoints,
  exchangeKeys,
  routes,
  logTokenRequest: log,
}: Stage): Promise<void> {
  const step = async (label: string): Promise<void> => routes.pause?.(label);
  const connections = startConnections(routes);
  const { dial, exchangeTo } = connections;
  try {
    exchangeKeys.fetchWith(async () => {
      const sts = await exchangeTo(stsName);
      await step("Exchange reads the signing keys");
      return readKeys(JSON.parse((await sts.send({ method: "GET", path: metadataPath, headers: {} })).body));
    });
    for (const app of callers) {
      const exchange = await dial({ name: exchangeName, connectTo: routes.exchangeReverse, isProxy: false });
      const sts = isTokenRequestSeen(deviations)
        ? await dial({ name: stsName, connectTo: routes.forwardProxy, isProxy: true })
        : await dial({ name: stsName, connectTo: endpoints.sts, isProxy: false, trust: keys.rootPem });
      const cloud = { keys, deviations, exchange, sts, step };
      await (deviations.isTeamsFirstLeg === true ? callAsTeams(app, cloud) : callExchange(app, cloud));
    }
    await callCloud(outboundCalls(deviations), { keys, to: (server) => exchangeTo(endpoints[server].name), step, log });
  } finally {
    connections.close();
  }
}

/** A real cloud calls its token service where a proxy beside Exchange does not see it. */
function isTokenRequestSeen({ isCached, isOneWay, isTokenRequestUnseen }: Deviations): boolean {
  return isCached !== true && isOneWay !== true && isTokenRequestUnseen !== true;
}

function outboundCalls(deviations: Deviations): readonly OutboundCalls[] {
  if (deviations.outbound !== undefined) return deviations.outbound;
  const { isOneWay, isCached, signIn, stsRefuses } = deviations;
  return isOneWay === true || isCached === true || signIn !== undefined || stsRefuses === true ? [] : ["skype-online"];
}

interface Dialled {
  readonly name: string;
  readonly connectTo: { readonly host: string; readonly port: number };
  readonly isProxy: boolean;
  /** Default: the certificate of the proxy. */
  readonly trust?: string;
}

interface Connections {
  dial(how: Dialled): Promise<Client>;
  /** The connection of Exchange Server to a host of the cloud, through the forward proxy: one for each host. */
  exchangeTo(name: string): Promise<Client>;
  close(): void;
}

function startConnections({ forwardProxy, proxyCertificatePem }: LabRoutes): Connections {
  const open: Client[] = [];
  const ofExchange = new Map<string, Promise<Client>>();
  const dial = async (how: Dialled): Promise<Client> => {
    const client = await openClient({ trust: proxyCertificatePem, ...how });
    open.push(client);
    return client;
  };
  return {
    dial,
    exchangeTo(name) {
      const client = ofExchange.get(name) ?? dial({ name, connectTo: forwardProxy, isProxy: true });
      ofExchange.set(name, client);
      return client;
    },
    close() {
      for (const client of open) client.close();
    },
  };
}
