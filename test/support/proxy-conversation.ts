// One conversation, led straight and through the proxy, so that what both ends saw can be compared byte for byte.
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { reset } from "../../src/proxy/connections/relay-bytes.ts";
import { openBothThrough, openTcp, type Place } from "./proxy-client.ts";
import { startTlsOrigin } from "./proxy-origin.ts";
import { startTestProxy, type TestProxy } from "./proxy-start.ts";

export type Party = "client" | "server";

/** What one end does next, once the other has seen everything before it. */
export type Step =
  | { readonly from: Party; readonly send: string }
  | { readonly from: Party; readonly does: "end" | "reset" };

/** What one end saw: the bytes, and how the other's direction ended; null while it is open. */
interface Seen {
  readonly bytes: string;
  readonly ended: "end" | "reset" | null;
}

export interface Outcome {
  readonly client: Seen;
  readonly server: Seen;
}

interface Pair {
  readonly stream: Socket;
  readonly raw: Socket;
}

export interface Route {
  readonly name: string;
  open(): Promise<{ readonly client: Pair; readonly server: Pair }>;
}

/** A TLS origin and the ways to it: none between, forward opened, forward passed through, reverse. */
export async function startRoutes(): Promise<{ readonly routes: readonly Route[]; readonly proxied: TestProxy }> {
  const arrived: ((pair: Pair) => void)[] = [];
  const origin = await startTlsOrigin(["origin.test"], (stream, raw) => arrived.shift()?.({ stream, raw }));
  const resolve = new Map([["origin.test:443", origin]]);
  const target = { host: "origin.test", port: 443 };
  const proxied = await startTestProxy({ target, upstreamCa: [origin.rootPem], resolve });
  const blind = await startTestProxy({ scope: ["other.test"], authority: proxied.authority, resolve });
  const own = { ca: proxied.authority.certificatePem };
  const through = async ({ client, socket }: { client: Socket; socket: Socket }): Promise<Pair> => ({
    stream: client,
    raw: socket,
  });
  const route = (name: string, connect: () => Promise<Pair>): Route => ({
    name,
    async open() {
      const accepted = new Promise<Pair>((settle) => arrived.push(settle));
      const client = await connect();
      return { client, server: await accepted };
    },
  });
  return {
    proxied,
    routes: [
      route("straight", () => openDirect({ address: origin.host, port: origin.port }, origin.rootPem)),
      route("forward", async () => through(await openBothThrough(proxied.forward, "origin.test:443", own))),
      route("reverse", () => openDirect(proxied.reverse, own.ca)),
      route("passed through", async () =>
        through(await openBothThrough(blind.forward, "origin.test:443", { ca: origin.rootPem })),
      ),
    ],
  };
}

async function openDirect(place: Place, ca: string): Promise<Pair> {
  const raw = await openTcp(place);
  raw.on("error", () => undefined);
  const stream = connectTls({ socket: raw, servername: "origin.test", ca });
  await new Promise<void>((resolve, reject) => {
    stream.once("secureConnect", resolve).once("error", reject);
  });
  return { stream, raw };
}

/** Plays the steps one after the other and gives what both ends saw. */
export async function converse(route: Route, steps: readonly Step[]): Promise<Outcome> {
  const { client, server } = await route.open();
  const watchers = { client: watch(client.stream), server: watch(server.stream) };
  const pairs = { client, server };
  const sent = { client: 0, server: 0 };
  for (const step of steps) {
    const other = watchers[step.from === "client" ? "server" : "client"];
    if ("send" in step) {
      const bytes = Buffer.from(step.send, "latin1");
      sent[step.from] += bytes.length;
      pairs[step.from].stream.write(bytes);
      await other.until((seen) => seen.bytes.length >= sent[step.from] || seen.ended !== null);
    } else {
      if (step.does === "end") pairs[step.from].stream.end();
      else reset(pairs[step.from].raw);
      await other.until((seen) => seen.ended !== null);
    }
  }
  const outcome = { client: watchers.client.seen(), server: watchers.server.seen() };
  for (const { stream, raw } of [client, server]) {
    stream.destroy();
    raw.destroy();
  }
  return outcome;
}

function watch(stream: Socket): { seen(): Seen; until(holds: (seen: Seen) => boolean): Promise<void> } {
  let bytes = "";
  let ended: Seen["ended"] = null;
  let look = (): void => undefined;
  const seen = (): Seen => ({ bytes, ended });
  stream.on("data", (piece: Buffer) => {
    bytes += piece.toString("latin1");
    look();
  });
  stream.on("end", () => {
    ended ??= "end";
    look();
  });
  stream.on("error", () => {
    ended ??= "reset";
    look();
  });
  return {
    seen,
    until: (holds) =>
      new Promise((resolve) => {
        look = () => {
          if (holds(seen())) resolve();
        };
        look();
      }),
  };
}
