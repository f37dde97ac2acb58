import type { KeyObject } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { guardServer } from "../sockets/guard.ts";
import { entraHandler } from "./entra.ts";
import { exchangeOnlineHandler } from "./exchange-online.ts";
import { exchangeHandler } from "./exchange-server.ts";
import { graphMailboxHandler } from "./graph-mailboxes.ts";
import { type LabKeys, makeLabKeys, type SigningKey } from "./keys.ts";
import { type LogOptions, openServerLogs, type ServerLogs } from "./logs/exchange-logs.ts";
import {
  applications,
  entraName,
  exchangeName,
  exchangeOnlineName,
  graphName,
  hybridRoles,
  serverNames,
  sfbOnlineName,
  stsName,
} from "./names.ts";
import {
  type FetchedKeys,
  type LabEndpoint,
  type LabEndpoints,
  type LabRoutes,
  playScenario,
} from "./play-scenario.ts";
import { findScenario } from "./scenarios.ts";
import { sfbOnlineHandler } from "./sfb-online.ts";
import { stsHandler } from "./sts.ts";

export interface Lab extends LabEndpoints {
  /** The public auth certificate of Exchange (DER). */
  readonly authCertificate: Buffer;
  /** The root that signed the servers' certificates (PEM). */
  readonly certificatePem: string;
  /** `name:443` → loopback address: the only places the lab's names may be dialled at. */
  readonly resolve: ReadonlyMap<string, { readonly host: string; readonly port: number }>;
  /** Every server, in a fixed order. */
  readonly servers: readonly LabEndpoint[];
  /** Plays the scenario's whole traffic; resolves when the last answer was read. */
  drive(routes: LabRoutes): Promise<void>;
  stop(): Promise<void>;
}

/** The trust that both servers have from a provisioning run, instead of that of the scenario. */
export interface LabTrust {
  /** Applications that Exchange has an enabled partner application for. */
  readonly partners: () => ReadonlySet<string>;
  /** True when the token service holds this public certificate (base64 DER) as a key of Exchange's partner. */
  readonly isKnownCertificate: (der: string) => boolean;
}

export interface LabOptions {
  readonly scenario: string;
  /** Default: the trust of the scenario. */
  readonly trust?: LabTrust;
  /** Where Exchange and the token services write logs of their own; default: nowhere. */
  readonly logs?: LogOptions | undefined;
}

/** Starts the servers of Exchange and of the cloud on loopback. Throws ToolError for an unknown scenario. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { deviations } = findScenario(options.scenario);
  const keys = await makeLabKeys(serverNames);
  const callers = deviations.callers ?? [applications.skypeForBusiness];
  const exchangeKeys = onceFetchedKeys();
  const build = deviations.exchangeBuild ?? null;
  const logs: ServerLogs | null = options.logs === undefined ? null : openServerLogs(options.logs, build);
  const trust = {
    keys: () => exchangeKeys.get(),
    partners: options.trust?.partners ?? (() => new Set(deviations.partners ?? callers)),
    isUserKnown: deviations.isUserUnknown !== true,
  };
  const consents = { graph: deviations.graphRoles ?? hybridRoles.graph, exchangeOnline: hybridRoles.exchangeOnline };
  const running: Running[] = [];
  const start = async (name: string, handler: Handler): Promise<LabEndpoint> => {
    const server = await listen(keys, handler);
    running.push(server);
    return { name, host: "127.0.0.1", port: server.port };
  };
  const endpoints: LabEndpoints = {
    exchange: await start(exchangeName, exchangeHandler({ trust, build, log: logs?.call })),
    sts: await start(
      stsName,
      stsHandler({ keys, deviations, trusted: () => trustedKeys(keys, options.trust), log: logs?.signIn }),
    ),
    sfbOnline: await start(sfbOnlineName, sfbOnlineHandler()),
    entra: await start(entraName, entraHandler({ keys, consents, log: logs?.signIn })),
    graph: await start(graphName, graphMailboxHandler(keys.entra)),
    exchangeOnline: await start(exchangeOnlineName, exchangeOnlineHandler(keys, deviations.ewsGate ?? "open")),
  };
  const servers = Object.values(endpoints) as readonly LabEndpoint[];
  return {
    ...endpoints,
    servers,
    authCertificate: keys.exchangeAuth.certificateDer,
    certificatePem: keys.rootPem,
    resolve: new Map(servers.map(({ name, host, port }) => [`${name}:443`, { host, port }])),
    drive: (routes) =>
      playScenario({ keys, deviations, callers, endpoints, exchangeKeys, routes, logTokenRequest: logs?.tokenRequest }),
    stop: async () => {
      await Promise.all(running.map((server) => server.stop()));
      await logs?.close();
    },
  };
}

/** The applications whose assertions the STS accepts: those of the cloud, and Exchange when its certificate is known. */
function trustedKeys({ cloudApp, exchangeAuth }: LabKeys, trust: LabTrust | undefined): readonly SigningKey[] {
  const isKnown = trust?.isKnownCertificate(exchangeAuth.certificateDer.toString("base64")) ?? true;
  return isKnown ? [cloudApp, exchangeAuth] : [cloudApp];
}

function onceFetchedKeys(): FetchedKeys {
  let fetchKeys: () => Promise<ReadonlyMap<string, KeyObject>> = () => Promise.resolve(new Map());
  let fetched: Promise<ReadonlyMap<string, KeyObject>> | null = null;
  return {
    get() {
      fetched ??= fetchKeys();
      return fetched;
    },
    fetchWith(fetch) {
      fetchKeys = fetch;
    },
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

async function listen(keys: LabKeys, handle: Handler): Promise<Running> {
  const server: Server = guardServer(createServer({ key: keys.tls.key, cert: keys.tls.cert }));
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    // A bug of the lab becomes an error answer, and the test or demo that drives the lab fails on it.
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
