// A small HTTP client that keeps one connection, as the services do, and can go through a forward proxy.
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { guard } from "../sockets/guard.ts";

export interface ClientOptions {
  /** TLS name and Host field. */
  readonly name: string;
  readonly connectTo: { readonly host: string; readonly port: number };
  /** Reach `name:443` by CONNECT through `connectTo` instead of sending requests to `connectTo` itself. */
  readonly isProxy: boolean;
  /** The only certificates that are trusted (PEM). */
  readonly trust: string;
}

export interface ClientRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Client {
  send(request: ClientRequest): Promise<Answer>;
  close(): void;
}

const limitMs = 10_000;

/** Opens one TLS connection; requests go over it one after the other. */
export async function openClient(options: ClientOptions): Promise<Client> {
  const socket = await openTls(options);
  // Every request uses this one connection: NTLM binds the identity to it.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => socket;
  return {
    send: (sent) => send(sent, { name: options.name, agent }),
    close() {
      agent.destroy();
      socket.destroy();
    },
  };
}

async function openTls({ name, connectTo, isProxy, trust }: ClientOptions): Promise<TLSSocket> {
  const tunnel = isProxy ? await openTunnel(name, connectTo) : null;
  const socket = guard(connect({ ...(tunnel === null ? connectTo : { socket: tunnel }), servername: name, ca: trust }));
  await new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.once("error", reject);
    socket.setTimeout(limitMs, () => socket.destroy(new Error("the lab waited too long")));
  });
  return socket;
}

function openTunnel(name: string, proxy: ClientOptions["connectTo"]): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest({
      ...proxy,
      method: "CONNECT",
      path: `${name}:443`,
      headers: { Host: `${name}:443` },
      timeout: limitMs,
    });
    asked.once("connect", (answer, socket) => {
      if (answer.statusCode === 200) {
        resolve(guard(socket));
        return;
      }
      socket.destroy();
      reject(new Error(`the proxy answered CONNECT with ${answer.statusCode}`));
    });
    asked.once("error", reject);
    asked.end();
  });
}

function send(sent: ClientRequest, over: { name: string; agent: Agent }): Promise<Answer> {
  const body = sent.body ?? "";
  const length = body === "" && sent.method === "GET" ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        method: sent.method,
        path: sent.path,
        headers: { Host: over.name, ...sent.headers, ...length },
        agent: over.agent,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.once("error", reject);
        answer.once("end", () => {
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: Buffer.concat(chunks).toString("utf8"),
          });
        });
      },
    );
    request.once("error", reject);
    request.end(body);
  });
}
