// A bounded run of random conversations through `watch`: does it live, answer, give back what it took, and change nothing?
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { buildTestCertificate } from "../proxy-certificates.ts";
import { askOnce, startWatch, type WatchProcess } from "../watch-process.ts";
import { clientHello, converse, type Entrance } from "./client.ts";
import { Origin, startChain } from "./origins.ts";
import { type Plan, planConversation } from "./plan.ts";
import { pause } from "./play.ts";

export interface FuzzOptions {
  readonly seed: number;
  readonly conversations: number;
  /** Conversations at once. */
  readonly workers: number;
  /** The number of the first; a conversation is the same whichever was the first. */
  readonly from?: number;
  onProgress?(line: string): void;
}

export interface FuzzResult {
  readonly seed: number;
  readonly conversations: number;
  /** How many were well-behaved and arrived whole, unchanged, both ways. */
  readonly good: number;
  readonly seconds: number;
  readonly problems: readonly string[];
  /** Descriptors and resident megabytes of the two programs at the start and after each round, when all was closed. */
  readonly rounds: readonly Footprint[];
}

interface Footprint {
  readonly conversations: number;
  readonly descriptors: readonly number[];
  readonly residentMb: readonly number[];
}

/** After so many the run pauses and looks whether everything comes back. */
const roundLength = 5_000;
const conversationLimitMs = 40_000;
const mostProblems = 20;
const ended = "the program ended";

/** Long enough that a busy machine cuts nothing that behaves, and short enough to be seen at the end of a round. */
const limits = ["connect-seconds=8", "handshake-seconds=8", "half-open-seconds=8", "idle-seconds=8"];

export async function fuzzProxy(options: FuzzOptions): Promise<FuzzResult> {
  const run = await FuzzRun.start(options);
  try {
    return await run.all();
  } finally {
    await run.stop();
  }
}

interface Worker {
  readonly origin: Origin;
  readonly originPort: number;
  readonly name: string;
  readonly hello: Buffer;
  plan: Plan | null;
}

class FuzzRun {
  readonly #options: FuzzOptions;
  readonly #workers: readonly Worker[];
  readonly #watches: readonly WatchProcess[];
  readonly #entrances: readonly Entrance[][];
  readonly #stopChain: () => void;
  readonly #problems: string[] = [];
  readonly #leftOpen = new Set<Socket>();
  readonly #recent: string[] = [];
  #good = 0;
  #next: number;

  private constructor(options: FuzzOptions, parts: Parts) {
    this.#options = options;
    this.#workers = parts.workers;
    this.#watches = parts.watches;
    this.#entrances = parts.entrances;
    this.#stopChain = parts.stopChain;
    this.#next = options.from ?? 0;
  }

  static async start(options: FuzzOptions): Promise<FuzzRun> {
    return new FuzzRun(options, await startParts(options.workers));
  }

  async all(): Promise<FuzzResult> {
    const { seed, conversations, from = 0, onProgress } = this.#options;
    const began = performance.now();
    const rounds: Footprint[] = [this.#footprint()];
    for (let until = from; until < from + conversations && this.#problems.length === 0; ) {
      until = Math.min(until + roundLength, from + conversations);
      await Promise.all(this.#workers.map((worker, number) => this.#work(worker, number, until)));
      const footprint = await this.#settled(rounds[0]);
      rounds.push(footprint);
      onProgress?.(
        `${footprint.conversations} conversations, ${this.#good} of them compared whole, ${footprint.descriptors.join("+")} descriptors, ${footprint.residentMb.map(Math.round).join("+")} MB`,
      );
    }
    const seconds = Math.round((performance.now() - began) / 1000);
    return { seed, conversations: this.#next - from, good: this.#good, seconds, problems: this.#problems, rounds };
  }

  async stop(): Promise<void> {
    for (const socket of this.#leftOpen) socket.destroy();
    for (const { origin } of this.#workers) origin.stop();
    const codes = await Promise.all(this.#watches.map((watch) => watch.stop()));
    for (const code of codes) if (code !== 143) this.#problem(`watch ended with ${code} after SIGTERM`);
    this.#stopChain();
  }

  async #work(worker: Worker, number: number, until: number): Promise<void> {
    while (this.#next < until && this.#problems.length < mostProblems && this.#isRunning()) {
      const index = this.#next;
      this.#next += 1;
      const plan = planConversation(this.#options.seed, index, worker);
      this.#recent.push(`${index} ${plan.kind}`);
      if (this.#recent.length > 2 * this.#workers.length) this.#recent.shift();
      await this.#converse(worker, plan, number);
      if (index % 100 === 0) await this.#expectAnswer();
    }
    if (this.#isRunning() || this.#problems.some((problem) => problem.startsWith(ended))) return;
    const said = this.#watches.map((watch) => `${watch.ending()} ${watch.stderr()}`).join(", ");
    this.#problem(`${ended}; the last conversations: ${this.#recent.join(", ")}; ${said}`);
  }

  #isRunning(): boolean {
    return this.#watches.every((watch) => watch.isRunning());
  }

  async #converse(worker: Worker, plan: Plan, number: number): Promise<void> {
    const entrance = this.#entrances[plan.isChained ? 1 : 0]?.[number];
    if (entrance === undefined) return;
    worker.plan = plan;
    const sockets: Socket[] = [];
    const byServer = worker.origin.begin(plan);
    const byClient = converse(plan, entrance, (socket) => sockets.push(socket));
    const limit = new AbortController();
    const late = pause(conversationLimitMs, limit.signal).then(() => null);
    const played = await Promise.race([plan.isGood ? Promise.all([byClient, byServer]) : byClient, late]);
    limit.abort();
    if (plan.expected !== null) this.#compare(plan, Array.isArray(played) ? played : null);
    this.#close(sockets, plan.staysOpen);
    worker.plan = null;
    worker.origin.end();
  }

  #compare(plan: Plan, played: readonly { readonly bytes: Buffer; readonly ended: boolean }[] | null): void {
    const [client, server] = played ?? [];
    const { expected } = plan;
    if (expected === null) return;
    const place = `conversation ${plan.index} (${plan.kind}${plan.isChained ? ", chained" : ""})`;
    if (client === undefined || server === undefined) {
      this.#problem(`${place} did not come to its end`);
      return;
    }
    const got = plan.kind === "upgrade" ? server.bytes.subarray(-expected.byServer.length) : server.bytes;
    if (!client.ended || !server.ended) this.#problem(`${place}: a direction did not end in order`);
    if (!client.bytes.equals(expected.byClient))
      this.#problem(`${place}: the client got ${client.bytes.length} of ${expected.byClient.length} bytes, or others`);
    if (!got.equals(expected.byServer))
      this.#problem(`${place}: the server got ${server.bytes.length} of ${expected.byServer.length} bytes, or others`);
    this.#good += 1;
  }

  #close(sockets: readonly Socket[], staysOpen: boolean): void {
    for (const socket of sockets) {
      if (!staysOpen) {
        socket.destroy();
        continue;
      }
      this.#leftOpen.add(socket);
      socket.once("close", () => this.#leftOpen.delete(socket));
    }
  }

  async #expectAnswer(): Promise<void> {
    if (!this.#isRunning()) return;
    for (const [index, watch] of this.#watches.entries()) {
      const request = "GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\nConnection: close\r\n\r\n";
      const answer = await askOnce(watch.forward, request, 30_000).catch(String);
      if (!/^HTTP\/1.1 200 OK\r\n[\s\S]*good/.test(answer))
        this.#problem(`a plain request to program ${index} got ${JSON.stringify(answer.slice(0, 100))}`);
    }
  }

  /** Waits until everything that the conversations opened is closed again; clients that stay must be closed by the program. */
  async #settled(start: Footprint | undefined): Promise<Footprint> {
    const until = performance.now() + 60_000;
    for (;;) {
      const now = this.#footprint();
      const isBack = now.descriptors.every((count, index) => count <= (start?.descriptors[index] ?? 0) + 2);
      if (isBack || !this.#isRunning()) break;
      if (performance.now() > until) {
        this.#problem(`descriptors do not come back: ${start?.descriptors.join("+")} → ${now.descriptors.join("+")}`);
        break;
      }
      await pause(100);
    }
    for (const socket of this.#leftOpen) socket.destroy();
    await this.#expectAnswer();
    return this.#footprint();
  }

  #footprint(): Footprint {
    const running = this.#watches.filter((watch) => watch.isRunning());
    return {
      conversations: this.#next - (this.#options.from ?? 0),
      descriptors: running.map((watch) => watch.descriptors()),
      residentMb: running.map((watch) => watch.residentMb()),
    };
  }

  #problem(text: string): void {
    if (this.#problems.length < mostProblems) this.#problems.push(text);
  }
}

interface Parts {
  readonly workers: readonly Worker[];
  readonly watches: readonly WatchProcess[];
  readonly entrances: readonly Entrance[][];
  readonly stopChain: () => void;
}

async function startParts(count: number): Promise<Parts> {
  const certificate = buildTestCertificate({ hosts: ["*.fuzz.test", "*.pass.test"] });
  const workers = await Promise.all(
    Array.from({ length: count }, async (_, number): Promise<Worker> => {
      const origin = new Origin(certificate);
      const name = `w${number}.fuzz.test`;
      return { origin, originPort: await origin.listen(), name, hello: await clientHello(name), plan: null };
    }),
  );
  const good = await startGood();
  const chain = await startChain((number) => {
    const worker = workers[number];
    return worker === undefined ? { plan: null, port: good.port } : { plan: worker.plan, port: worker.originPort };
  });
  const places = workers.flatMap(({ name, originPort }) => {
    const passed = name.replace(".fuzz.", ".pass.");
    return [`${name}:80`, `${name}:443`, `${passed}:443`].map((place) => `${place}=127.0.0.1:${originPort}`);
  });
  const common = ["--host", "*.fuzz.test", "--quiet", ...limits.flatMap((limit) => ["--limit", limit])];
  const mapped = [...places, `good.test:80=127.0.0.1:${good.port}`].flatMap((place) => ["--connect-to", place]);
  const upstreamCa = certificate.rootPem;
  const reverses = workers.map(({ name }) => `https://${name}`);
  const watches = [
    await startWatch({ args: [...common, ...mapped, "--no-auto-passthrough"], reverses, upstreamCa }),
    await startWatch({ args: [...common, "--upstream-proxy", `http://127.0.0.1:${chain.port}`], upstreamCa }),
  ];
  const entrances = watches.map((watch, index) =>
    workers.map(({ name }, number): Entrance => {
      const reverse = watch.reverses[number] ?? Number.NaN;
      return { forward: watch.forward, reverse, name, trust: index === 0 ? watch.trust : null };
    }),
  );
  const stopChain = (): void => {
    chain.stop();
    good.stop();
  };
  return { workers, watches, entrances, stopChain };
}

async function startGood(): Promise<{ readonly port: number; readonly stop: () => void }> {
  const server = createServer((_, response) => response.end("good"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
