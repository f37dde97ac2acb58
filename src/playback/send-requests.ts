// Sends saved requests again. Their credentials were replaced before, as the type `Redacted` requires.
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { isIP } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { SecureContext } from "node:tls";
import type { Headers } from "../core/headers.ts";
import {
  emptyBody,
  type HttpResponse,
  type HttpTransaction,
  requestAuthority,
  requestPath,
} from "../core/http-transaction.ts";
import type { Redacted } from "../sanitising/sanitise.ts";
import { fieldsToSend } from "./message-fields.ts";
import { hostOf } from "./saved-answers.ts";

export interface SendTarget {
  readonly scheme: "http" | "https";
  /** The name given by the person. The certificate must match it, or the saved host when it is an address. */
  readonly name: string;
  /** The address to connect to. */
  readonly address: string;
  readonly port: number;
}

export interface SendOptions {
  readonly target: SendTarget;
  readonly trust: SecureContext;
  /** Keep the pauses between the saved requests, each at most a minute. */
  readonly isTimed: boolean;
  readonly signal: AbortSignal;
}

/** A saved request with its new answer. */
export interface SentRequest {
  readonly transaction: Redacted<HttpTransaction>;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly response: HttpResponse | null;
  /** Why there was no answer, in fixed words with a system error code; null when there was one. */
  readonly failure: string | null;
}

const answerLimitMs = 30_000;
const bodyLimit = 16 * 1024 * 1024;
const longestPauseMs = 60_000;

/** Sends each request after the previous one was answered, over a kept connection. */
export async function* sendRequests(
  transactions: readonly Redacted<HttpTransaction>[],
  options: SendOptions,
): AsyncGenerator<SentRequest> {
  // One connection at a time, as NTLM authenticates a connection.
  const settings = { keepAlive: true, maxSockets: 1 };
  const isSecure = options.target.scheme === "https";
  const agent = isSecure ? new HttpsAgent({ ...settings, secureContext: options.trust }) : new HttpAgent(settings);
  try {
    let before: number | null = null;
    for (const transaction of transactions) {
      if (options.signal.aborted) return;
      if (options.isTimed && before !== null) await pause(transaction.startedAt - before, options.signal);
      before = transaction.startedAt;
      yield await sendOne(transaction, { ...options, agent });
    }
  } finally {
    agent.destroy();
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  try {
    await wait(Math.min(ms, longestPauseMs), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function sendOne(
  transaction: Redacted<HttpTransaction>,
  options: SendOptions & { readonly agent: HttpAgent },
): Promise<SentRequest> {
  const startedAt = Date.now();
  const start = performance.now();
  const sent = (response: HttpResponse | null, failure: string | null): SentRequest => ({
    ...{ transaction, startedAt, response, failure },
    durationMs: Math.round(performance.now() - start),
  });
  try {
    return sent(await readAnswer(await open(transaction, options)), null);
  } catch (error) {
    const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
    return sent(null, typeof code === "string" ? `no answer (${code})` : "no answer");
  }
}

function open(
  transaction: HttpTransaction,
  { target, agent }: SendOptions & { readonly agent: HttpAgent },
): Promise<IncomingMessage> {
  const { request } = transaction;
  const saved = hostOf(requestAuthority(transaction));
  const headers = {
    ...fieldsToSend(request.headers, request.body),
    "Content-Length": String(request.body.bytes.length),
  };
  const hasHost = Object.keys(headers).some((name) => name.toLowerCase() === "host");
  const options = {
    ...{ agent, method: request.method, path: requestPath(transaction), host: target.address, port: target.port },
    headers: hasHost ? headers : { ...headers, Host: saved },
    timeout: answerLimitMs,
  };
  return new Promise((resolve, reject) => {
    const outgoing: ClientRequest =
      target.scheme === "http"
        ? requestHttp(options)
        : requestHttps({ ...options, servername: isIP(target.name) === 0 ? target.name : saved });
    outgoing.once("response", resolve);
    outgoing.once("error", reject);
    outgoing.once("timeout", () =>
      outgoing.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" })),
    );
    outgoing.end(request.body.bytes);
  });
}

async function readAnswer(message: IncomingMessage): Promise<HttpResponse> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    if (length < bodyLimit) pieces.push(chunk);
    length += chunk.length;
  }
  const bytes = Buffer.concat(pieces).subarray(0, bodyLimit);
  const coding = message.headers["content-encoding"] ?? null;
  return {
    version: `HTTP/${message.httpVersion}`,
    status: message.statusCode ?? 0,
    reason: message.statusMessage ?? "",
    headers: pairsOf(message.rawHeaders),
    trailers: pairsOf(message.rawTrailers),
    body:
      length === 0 ? emptyBody : { bytes, totalBytes: length, truncated: length > bytes.length, contentCoding: coding },
    interim: [],
  };
}

function pairsOf(raw: readonly string[]): Headers {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] ?? "", raw[index + 1] ?? ""]);
  return pairs;
}
