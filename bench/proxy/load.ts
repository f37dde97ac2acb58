// The load generator of the proxy benchmark, a separate process. It checks the length of every answer. "small" is sent by
// Node's HTTP client, as a real program would; "lean" is the same from a hand-written client, whose own cost is negligible.
import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import {
  baseName,
  bigAnswerBytes,
  hugeAnswerBytes,
  type Job,
  type JobResult,
  type Route,
  smallAnswerBytes,
  smallRequest,
} from "./traffic.ts";

/** Opens a TLS connection to the origin under a name, directly or through the proxy. */
async function open(route: Route, host: string): Promise<TLSSocket> {
  const tcp = connectTcp({ host: "127.0.0.1", port: route.proxy ?? route.origin, noDelay: true });
  await once(tcp, "connect");
  if (route.proxy !== null) await tunnel(tcp, `${host}:${route.origin}`);
  const socket = connectTls({ socket: tcp, servername: host, ca: route.trust });
  await once(socket, "secureConnect");
  return socket;
}

function tunnel(tcp: Socket, target: string): Promise<void> {
  tcp.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
  return new Promise((resolve, reject) => {
    let got = "";
    const onData = (bytes: Buffer): void => {
      got += bytes.toString("latin1");
      if (!got.includes("\r\n\r\n")) return;
      tcp.off("data", onData);
      if (/^HTTP\/1\.1 200 /.test(got)) resolve();
      else reject(new Error(`CONNECT was answered ${got.slice(0, 60)}`));
    };
    tcp.on("data", onData).once("error", reject);
  });
}

/** Complete answers of the current job. */
let answered = 0;

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly bodyBytes: number;
  readonly body: string;
}

/** Sends one request and reads its whole answer; the body itself is kept only when it is short. */
function ask(socket: TLSSocket, request: Buffer, onPiece?: (taken: number) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let head: string | null = null;
    let [text, body, length, taken] = ["", "", 0, 0];
    const settle = (done: () => void): void => {
      socket.off("data", onData).off("error", onEnd).off("close", onEnd);
      done();
    };
    const onEnd = (): void => settle(() => reject(new Error("the connection ended before the answer did")));
    const takeHead = (bytes: Buffer): Buffer | null => {
      text += bytes.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return null;
      head = text.slice(0, end);
      length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Number.NaN);
      if (Number.isNaN(length)) settle(() => reject(new Error(`an answer without a length: ${text.slice(0, 300)}`)));
      return Buffer.from(text.slice(end + 4), "latin1");
    };
    const onData = (bytes: Buffer): void => {
      const rest = head === null ? takeHead(bytes) : bytes;
      if (rest === null || head === null) return;
      taken += rest.length;
      if (length < 100) body += rest.toString("latin1");
      onPiece?.(taken);
      if (taken < length) return;
      const found = head;
      answered += 1;
      settle(() => resolve({ status: Number(found.slice(9, 12)), head: found, bodyBytes: taken, body }));
    };
    socket.on("data", onData).on("error", onEnd).on("close", onEnd);
    socket.write(request);
  });
}

function check(answer: Answer, bytes: number): void {
  if (answer.status !== 200 || answer.bodyBytes !== bytes) {
    throw new Error(`answer ${answer.status} with ${answer.bodyBytes} bytes instead of ${bytes}`);
  }
}

const now = (): number => performance.now();

type Many = Job & { readonly kind: "small" | "lean" | "big" };

/** Sends as a real program does: Node's HTTP client, one kept-alive connection for each tunnel. */
async function askAsPrograms(socket: TLSSocket, head: readonly string[], body: string): Promise<Answer> {
  const [first = "", ...fields] = head;
  const [method = "", path = ""] = first.split(" ");
  const headers = Object.fromEntries(fields.map((field) => field.split(/: (.*)/s, 2)));
  const asked = httpRequest({ method, path, headers, agent: agentOf(socket) });
  asked.end(body);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  let bodyBytes = 0;
  answer.on("data", (bytes: Buffer) => {
    bodyBytes += bytes.length;
  });
  await once(answer, "end");
  answered += 1;
  return { status: answer.statusCode ?? 0, head: "", bodyBytes, body: "" };
}

const agents = new WeakMap<TLSSocket, Agent>();
function agentOf(socket: TLSSocket): Agent {
  const agent = agents.get(socket) ?? new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => socket;
  agents.set(socket, agent);
  return agent;
}

function askOne(route: Route, kind: Many["kind"], index: number): (socket: TLSSocket) => Promise<Answer> {
  if (kind === "big") return (socket) => ask(socket, get("/big", field(route, baseName)));
  const request = smallRequest(field(route, baseName), index);
  if (kind === "lean") return (socket) => ask(socket, request);
  const text = request.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  return (socket) => askAsPrograms(socket, text.slice(0, end).split("\r\n"), text.slice(end + 4));
}

async function runMany(route: Route, job: Many): Promise<JobResult> {
  const expected = job.kind === "big" ? bigAnswerBytes : smallAnswerBytes;
  const sockets = await Promise.all(Array.from({ length: job.tunnels }, () => open(route, baseName)));
  const latencies: number[] = [];
  let left = job.requests;
  const start = now();
  await Promise.all(
    sockets.map(async (socket) => {
      while (left > 0) {
        left -= 1;
        const asked = now();
        check(await askOne(route, job.kind, left)(socket), expected);
        latencies.push(now() - asked);
      }
    }),
  );
  const seconds = (now() - start) / 1000;
  for (const socket of sockets) socket.destroy();
  return { seconds, latencies };
}

/** Sends requests at fixed times. One without a free connection waits, and the wait counts as latency. */
async function runPaced(route: Route, job: Extract<Job, { kind: "paced" }>): Promise<JobResult> {
  const sockets = await Promise.all(Array.from({ length: job.tunnels }, () => open(route, baseName)));
  const latencies: number[] = [];
  const total = job.perSecond * job.seconds;
  let next = 0;
  const start = now();
  await Promise.all(
    sockets.map(async (socket) => {
      while (next < total) {
        const index = next;
        next += 1;
        const due = start + (index * 1000) / job.perSecond;
        const early = due - now();
        if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
        check(await ask(socket, smallRequest(field(route, baseName), index)), smallAnswerBytes);
        latencies.push(now() - due);
      }
    }),
  );
  const seconds = (now() - start) / 1000;
  for (const socket of sockets) socket.destroy();
  return { seconds, latencies };
}

async function runNewHosts(route: Route, hosts: readonly string[]): Promise<JobResult> {
  const latencies: number[] = [];
  const start = now();
  for (const host of hosts) {
    const asked = now();
    const socket = await open(route, host);
    check(await ask(socket, get("/", field(route, host))), smallAnswerBytes);
    latencies.push(now() - asked);
    socket.destroy();
  }
  return { seconds: (now() - start) / 1000, latencies };
}

/** Reads a mebibyte, then pauses for 20 ms, until the whole body was received. */
async function runHuge(route: Route): Promise<JobResult> {
  const socket = await open(route, baseName);
  let nextPause = 1024 * 1024;
  const start = now();
  const answer = await ask(socket, get("/huge", field(route, baseName)), (taken) => {
    if (taken < nextPause) return;
    nextPause += 1024 * 1024;
    socket.pause();
    setTimeout(() => socket.resume(), 20);
  });
  check(answer, hugeAnswerBytes);
  socket.destroy();
  return { seconds: (now() - start) / 1000, latencies: [] };
}

/** All clients log on at once; then each requests again without credentials, as do strangers that never logged on. */
async function runNtlm(route: Route, clients: number): Promise<JobResult> {
  const start = now();
  const users = Array.from({ length: clients }, (_, index) => `user${index}`);
  const sockets = await Promise.all(users.map(() => open(route, baseName)));
  const ntlm = (extra: string): Buffer => get("/ntlm", field(route, baseName), extra);
  const seen = await Promise.all(
    sockets.map(async (socket, index) => {
      const user = users[index] ?? "";
      try {
        const challenged = await ask(socket, ntlm(`Authorization: NTLM 1 ${user}\r\n`));
        const challenge = /^WWW-Authenticate: NTLM (\S+)/im.exec(challenged.head)?.[1] ?? "";
        const accepted = await ask(socket, ntlm(`Authorization: NTLM 3 ${user} ${challenge}\r\n`));
        const again = await ask(socket, ntlm(""));
        return [accepted.body, again.body, user];
      } catch {
        return ["broken", "broken", user];
      }
    }),
  );
  const strangers = await Promise.all(
    users
      .map(async () => (await ask(await open(route, baseName), ntlm(""))).body)
      .map((who) => who.catch(() => "broken")),
  );
  for (const socket of sockets) socket.destroy();
  const isOther = (who: string, user: string): boolean => who !== "nobody" && who !== "broken" && who !== user;
  return {
    seconds: (now() - start) / 1000,
    latencies: [],
    whole: seen.filter(([accepted, again, user]) => accepted === user && again === user).length,
    leaked:
      seen.filter(([accepted = "", again = "", user = ""]) => isOther(accepted, user) || isOther(again, user)).length +
      strangers.filter((who) => isOther(who, "")).length,
  };
}

/** The Host field, which http-mitm-proxy connects to. */
function field(route: Route, host: string): string {
  return `${host}:${route.origin}`;
}

function get(path: string, host: string, extra = ""): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${extra}\r\n`, "latin1");
}

function run(route: Route, job: Job): Promise<JobResult> {
  switch (job.kind) {
    case "new-hosts":
      return runNewHosts(route, job.hosts);
    case "paced":
      return runPaced(route, job);
    case "huge":
      return runHuge(route);
    case "ntlm":
      return runNtlm(route, job.clients);
    default:
      return runMany(route, job);
  }
}

process.on("message", ({ route, job }: { route: Route; job: Job }) => {
  answered = 0;
  run(route, job).then(
    (result) => process.send?.({ result, answered }),
    (error: Error) => process.send?.({ failure: error.message }),
  );
});
process.on("disconnect", () => process.exit(0));
