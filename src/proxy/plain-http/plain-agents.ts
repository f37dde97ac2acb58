import { Agent, type ClientRequestArgs } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Dial } from "../connections/dial.ts";

/** Idle upstream connections of one client: a client of many hosts must not keep one open to each of them. */
const mostIdle = 16;

/** Connects only by way of `dial`, so that its deny rules hold. */
class DialingAgent extends Agent {
  readonly #dial: Dial;
  readonly #client: Socket;

  constructor(dial: Dial, client: Socket) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#dial = dial;
    this.#client = client;
  }

  override createConnection(
    options: ClientRequestArgs,
    created?: (error: Error | null, stream: Duplex) => void,
  ): null | undefined {
    const place = { host: String(options.host), port: Number(options.port) };
    const idle = Object.values(this.freeSockets).flatMap((sockets) => sockets ?? []);
    if (idle.length >= mostIdle) idle[0]?.destroy();
    this.#dial(place, this.#client).then(
      (socket) => created?.(null, socket),
      (error: Error) => created?.(error, undefined as unknown as Duplex),
    );
    return undefined;
  }
}

/**
 * One upstream connection for each client connection and target. A pool shared by clients hands a connection that one
 * of them logged on to (NTLM, Negotiate) to another.
 */
export function createAgents(dial: Dial): (client: Socket) => Agent {
  const agents = new WeakMap<Socket, Agent>();
  return (client) => {
    const known = agents.get(client);
    if (known !== undefined) return known;
    const agent = new DialingAgent(dial, client);
    agents.set(client, agent);
    client.once("close", () => agent.destroy());
    return agent;
  };
}
