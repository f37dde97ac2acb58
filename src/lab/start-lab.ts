import type { KeyObject } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { guardServer } from "../sockets/guard.ts";
import { exchangeHandler } from "./exchange-server.ts";
import { readKeys } from "./exchange-trust.ts";
import { type Client, openClient } from "./https-client.ts";
import { type LabKeys, makeLabKeys, type SigningKey } from "./keys.ts";
import { applications, exchangeName, metadataPath, sfbOnlineName, stsName, tenant } from "./names.ts";
import { type Deviations, findScenario } from "./scenarios.ts";
import { accessToken, callExchange, sfbOnlineAudience, sfbOnlineHandler, tokenRequest } from "./sfb-online.ts";
import { stsHandler } from "./sts.ts";
import { selfIssuedToken } from "./tokens.ts";

export interface LabEndpoint {
  /** The TLS name, for example `mail.contoso.example`. */
  readonly name: string;
  readonly host: "127.0.0.1";
  readonly port: number;
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

export interface Lab {
  readonly exchange: LabEndpoint;
  readonly sts: LabEndpoint;
  readonly sfbOnline: LabEndpoint;
  /** The public auth certificate of Exchange (DER). */
  readonly authCertificate: Buffer;
  /** The root that signed the three servers' certificates (PEM). */
  readonly certificatePem: string;
  /** `name:443` → loopback address: the only places the lab's names may be dialled at. */
  readonly resolve: ReadonlyMap<string, { readonly host: string; readonly port: number }>;
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
}

/** Starts Exchange Server, the STS and Skype for Business Online on loopback. Throws ToolError for an unknown scenario. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { deviations } = findScenario(options.scenario);
  const keys = await makeLabKeys([exchangeName, stsName, sfbOnlineName]);
  const callers = deviations.callers ?? [applications.skypeForBusiness];
  const exchangeKeys = onceFetchedKeys();
  const servers = await Promise.all([
    listen(
      keys,
      exchangeHandler({
        keys: () => exchangeKeys.get(),
        partners: options.trust?.partners ?? (() => new Set(deviations.partners ?? callers)),
        isUserKnown: deviations.isUserUnknown !== true,
      }),
    ),
    listen(
      keys,
      stsHandler(keys, deviations, () => trustedKeys(keys, options.trust)),
    ),
    listen(keys, sfbOnlineHandler()),
  ]);
  const [exchange, sts, sfbOnline] = servers;
  const named = (server: Running, name: string): LabEndpoint => ({ name, host: "127.0.0.1", port: server.port });
  const endpoints = {
    exchange: named(exchange, exchangeName),
    sts: named(sts, stsName),
    sfbOnline: named(sfbOnline, sfbOnlineName),
  };
  return {
    ...endpoints,
    authCertificate: keys.exchangeAuth.certificateDer,
    certificatePem: keys.rootPem,
    resolve: new Map(Object.values(endpoints).map(({ name, host, port }) => [`${name}:443`, { host, port }])),
    drive: (routes) => drive({ keys, deviations, callers, endpoints, exchangeKeys, routes }),
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** The applications whose assertions the STS accepts: those of the cloud, and Exchange when its certificate is known. */
function trustedKeys({ cloudApp, exchangeAuth }: LabKeys, trust: LabTrust | undefined): readonly SigningKey[] {
  const isKnown = trust?.isKnownCertificate(exchangeAuth.certificateDer.toString("base64")) ?? true;
  return isKnown ? [cloudApp, exchangeAuth] : [cloudApp];
}

interface Stage {
  readonly keys: LabKeys;
  readonly deviations: Deviations;
  readonly callers: readonly string[];
  readonly endpoints: { readonly sts: LabEndpoint };
  readonly exchangeKeys: ReturnType<typeof onceFetchedKeys>;
  readonly routes: LabRoutes;
}

async function drive({ keys, deviations, callers, endpoints, exchangeKeys, routes }: Stage): Promise<void> {
  const step = async (label: string): Promise<void> => routes.pause?.(label);
  const open: Client[] = [];
  const dial = async (
    name: string,
    connectTo: { host: string; port: number },
    how: { isProxy: boolean; trust: string },
  ): Promise<Client> => {
    const client = await openClient({ name, connectTo, ...how });
    open.push(client);
    return client;
  };
  const trust = routes.proxyCertificatePem;
  try {
    const exchangeToSts = await dial(stsName, routes.forwardProxy, { isProxy: true, trust });
    exchangeKeys.fetchWith(async () => {
      await step("Exchange reads the signing keys");
      return readKeys(JSON.parse((await exchangeToSts.send({ method: "GET", path: metadataPath, headers: {} })).body));
    });
    const direct = { host: endpoints.sts.host, port: endpoints.sts.port };
    for (const app of callers) {
      const exchange = await dial(exchangeName, routes.exchangeReverse, { isProxy: false, trust });
      // A real cloud calls its STS where a proxy beside Exchange does not see it; so does the lab when the token is cached.
      const sts =
        deviations.isCached === true || deviations.isOneWay === true
          ? await dial(stsName, direct, { isProxy: false, trust: keys.rootPem })
          : await dial(stsName, routes.forwardProxy, { isProxy: true, trust });
      await callExchange(app, { keys, deviations, exchange, sts, step });
    }
    if (
      deviations.isOneWay !== true &&
      deviations.isCached !== true &&
      deviations.signIn === undefined &&
      deviations.stsRefuses !== true
    ) {
      await callCloud({
        keys,
        sts: exchangeToSts,
        cloud: await dial(sfbOnlineName, routes.forwardProxy, { isProxy: true, trust }),
        step,
      });
    }
  } finally {
    for (const client of open) client.close();
  }
}

/** Exchange's own direction: probe, a token for its own assertion, a call with it. */
async function callCloud(exchange: {
  keys: LabKeys;
  sts: Client;
  cloud: Client;
  step: (label: string) => Promise<void>;
}): Promise<void> {
  const { keys, sts, cloud, step } = exchange;
  const path = "/ucwa/oauth/v1/applications";
  await step("Exchange probes Skype for Business Online");
  await cloud.send({ method: "GET", path, headers: { Authorization: "Bearer" } });
  const now = Math.floor(Date.now() / 1000);
  const audience = `${applications.sts}/${stsName}@${tenant}`;
  const assertion = await selfIssuedToken(applications.exchange, audience, keys.exchangeAuth, {
    notBefore: now,
    expires: now + 3600,
  });
  await step("Exchange asks for a token");
  const token = accessToken((await sts.send(tokenRequest(assertion, sfbOnlineAudience))).body);
  await step("Exchange calls Skype for Business Online");
  await cloud.send({ method: "GET", path, headers: { Authorization: `Bearer ${token}` } });
}

/** The keys that Exchange holds: fetched when a token first needs them, over the client that `drive` opened. */
function onceFetchedKeys(): {
  get(): Promise<ReadonlyMap<string, KeyObject>>;
  fetchWith(fetch: () => Promise<ReadonlyMap<string, KeyObject>>): void;
} {
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

interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

async function listen(
  keys: LabKeys,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Running> {
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
