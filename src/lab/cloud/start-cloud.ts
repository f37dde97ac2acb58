// The cloud half of the lab: Graph and the token issuer on loopback, over http or https.
import { createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { promisify } from "node:util";
import { jwtVerify } from "jose";
import { guardServer } from "../../sockets/guard.ts";
import { createFaultQueue, type FaultQueue } from "./graph-faults.ts";
import { graphHandler, type SeenRequest } from "./graph-server.ts";
import { type LoginOptions, loginHandler, mintToken, type TokenOverrides } from "./login-server.ts";
import { createPrincipalStore, type PrincipalStore, type StoreOptions } from "./principal-store.ts";

export interface CloudOptions {
  readonly tenant: string;
  readonly store?: Partial<StoreOptions>;
  readonly clients?: LoginOptions["clients"];
  readonly deviceStates?: LoginOptions["deviceStates"];
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly clockSkewMs?: number;
}

export interface Cloud {
  readonly graphUrl: string;
  readonly loginUrl: string;
  readonly store: PrincipalStore;
  readonly faults: FaultQueue;
  /** Every request that Graph received, in order. */
  readonly requests: readonly SeenRequest[];
  /** Called with each request before the answer. */
  onRequest(listener: (request: SeenRequest) => void): void;
  token(overrides?: TokenOverrides): Promise<string>;
  stop(): Promise<void>;
}

/** Starts both servers on free ports. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { privateKey } = await signingPair();
  const publicKey = createPublicKey(privateKey);
  const store = createPrincipalStore({ now: Date.now, ...options.store });
  const faults = createFaultQueue();
  const requests: SeenRequest[] = [];
  let listener: (request: SeenRequest) => void = () => undefined;
  const urls = { graph: "", login: "" };
  const login = { tenant: options.tenant, origin: () => urls.login, audience: () => urls.graph, key: privateKey };
  const graph = await listen(
    options.tls,
    graphHandler({
      store,
      faults,
      rights: (token) => rightsOf(token, publicKey, urls.graph),
      onRequest: (request) => {
        requests.push(request);
        listener(request);
      },
      clockSkewMs: () => options.clockSkewMs ?? 0,
    }),
  );
  const issuer = await listen(
    options.tls,
    loginHandler({ ...login, clients: options.clients ?? new Map(), deviceStates: options.deviceStates ?? ["ok"] }),
  );
  urls.graph = graph.url;
  urls.login = issuer.url;
  return {
    graphUrl: graph.url,
    loginUrl: issuer.url,
    store,
    faults,
    requests,
    onRequest: (next) => {
      listener = next;
    },
    token: (overrides) => mintToken(login, overrides),
    stop: async () => {
      await Promise.all([graph.stop(), issuer.stop()]);
    },
  };
}

/** One key for the process: nothing needs two clouds to have different ones. */
let pair: Promise<{ readonly privateKey: KeyObject }> | null = null;

function signingPair(): Promise<{ readonly privateKey: KeyObject }> {
  pair ??= promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  return pair;
}

async function rightsOf(token: string, key: KeyObject, audience: string): Promise<"write" | "read" | "unknown"> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ["RS256"], audience });
    return /ReadWrite/.test(String(payload.scp)) ? "write" : "read";
  } catch {
    return "unknown";
  }
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

async function listen(
  tls: CloudOptions["tls"],
  handle: Handler,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    // A bug of the lab ends this one answer, and the test that drives the lab fails on it.
    handle(request, response).catch(() => response.destroy());
  };
  const server: Server = guardServer(tls === undefined ? createServer(answer) : createTlsServer(tls, answer));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: tls === undefined ? `http://127.0.0.1:${port}` : `https://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
