// Many clients that come and go before a reverse listener in front of the lab, and what the journal holds afterwards.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { startLab } from "../../src/lab/start-lab.ts";

export interface SoakOptions {
  /** For the journal, certificates and the data folder; the caller removes it. */
  readonly folder: string;
  readonly requests: number;
  readonly connections: number;
  /** Called ten times with the number of answers so far and the proxy's resident megabytes (NaN where unknown). */
  onProgress?(answered: number, residentMb: number): void;
}

export interface SoakResult {
  readonly answered: number;
  /** Requests whose clients left before the answer. */
  readonly abandoned: number;
  readonly clients: number;
  readonly exitCode: number | null;
  /** Answered requests that the journal lacks or has twice. */
  readonly missing: number;
  readonly doubled: number;
  readonly gaps: number;
  readonly journalTransactions: number;
  /** Resident megabytes of the proxy at each tenth. */
  readonly residentMb: readonly number[];
  readonly stderr: string;
}

type Program = ChildProcessByStdio<null, Readable, Readable>;

/** Leads the requests through `watch --reverse` and compares what was answered with the journal. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const lab = await startLab({ scenario: "trust-works" });
  const rootFile = join(options.folder, "lab-root.pem");
  writeFileSync(rootFile, lab.certificatePem);
  const journal = join(options.folder, "soak.ndjson");
  const { name, port } = lab.exchange;
  const child: Program = spawn(
    process.execPath,
    [
      new URL("../../dist/cli/main.js", import.meta.url).pathname,
      "watch",
      ...["--reverse", `0=https://${name}`, "--connect-to", `${name}:443=127.0.0.1:${port}`],
      ...["--upstream-ca", rootFile, "--save", journal, "--json", "--quiet"],
    ],
    { stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env.PATH, REALMSCOPE_HOME: options.folder } },
  );
  let stderr = "";
  child.stderr.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  try {
    const listening = await readyPort(child);
    const trust = readFileSync(join(options.folder, "run", `ca-${child.pid}.pem`), "utf8");
    const crowd = new Crowd({ name, port: listening, trust, pid: child.pid ?? 0, options });
    await crowd.run();
    child.kill("SIGTERM");
    const [exitCode] = (await once(child, "exit")) as [number | null];
    return { ...crowd.result(), exitCode, stderr, ...(await compare(journal, crowd.answered)) };
  } finally {
    if (child.exitCode === null) child.kill("SIGKILL");
    await lab.stop();
  }
}

async function readyPort(child: Program): Promise<number> {
  for await (const line of createInterface({ input: child.stdout })) {
    const event: { event?: string; port?: number } = JSON.parse(line);
    if (event.event !== "ready" || event.port === undefined) continue;
    child.stdout.resume();
    return event.port;
  }
  throw new Error("watch ended before it was ready");
}

interface Place {
  readonly name: string;
  readonly port: number;
  readonly trust: string;
  readonly pid: number;
  readonly options: SoakOptions;
}

/** The clients: so many at once, each for a few requests; every seventh leaves in the middle of one. */
class Crowd {
  readonly #place: Place;
  readonly answered = new Set<string>();
  readonly #residentMb: number[] = [];
  #begun = 0;
  #abandoned = 0;
  #clients = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  result() {
    return {
      answered: this.answered.size,
      abandoned: this.#abandoned,
      clients: this.#clients,
      residentMb: this.#residentMb,
    };
  }

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: this.#place.options.connections }, () => this.#seat()));
  }

  /** One place at the table: a client after the other sits there. */
  async #seat(): Promise<void> {
    while (this.#begun < this.#place.options.requests) {
      this.#clients += 1;
      await this.#client(this.#clients);
    }
  }

  async #client(number: number): Promise<void> {
    const socket = await open(this.#place);
    const visits = 3 + (number % 17);
    for (let visit = 0; visit < visits && this.#begun < this.#place.options.requests; visit += 1) {
      this.#begun += 1;
      const id = `soak-${number}-${visit}`;
      socket.write(request(this.#place.name, id, visit));
      if (number % 7 === 0 && visit === visits - 1) {
        this.#abandoned += 1;
        break;
      }
      await readAnswer(socket);
      this.answered.add(id);
      this.#progress();
    }
    if (number % 2 === 0) socket.destroy();
    else socket.end();
  }

  #progress(): void {
    const { requests, onProgress } = this.#place.options;
    const tenth = Math.floor(requests / 10);
    if (this.answered.size % tenth !== 0) return;
    const resident = residentMb(this.#place.pid);
    this.#residentMb.push(resident);
    onProgress?.(this.answered.size, resident);
  }
}

async function open({ name, port, trust }: Place): Promise<TLSSocket> {
  const tcp = connectTcp({ host: "127.0.0.1", port, noDelay: true });
  const socket = connectTls({ socket: tcp, servername: name, ca: trust });
  socket.on("error", () => socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

const kinds = [
  "Authorization: Bearer",
  "Authorization: Basic dXNlckBjb250b3NvLmV4YW1wbGU6cGFzc3dvcmQ=",
  "Authorization: Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.",
  "X-None: 1",
];

function request(host: string, id: string, visit: number): string {
  const body = `<s:Envelope>${"x".repeat((visit * 211) % 3000)}</s:Envelope>`;
  const fields = [`Host: ${host}`, `client-request-id: ${id}`, kinds[visit % kinds.length], "Content-Type: text/xml"];
  return ["POST /EWS/Exchange.asmx HTTP/1.1", ...fields, `Content-Length: ${body.length}`, "", body].join("\r\n");
}

/** Reads one answer with a Content-Length or in chunks. */
function readAnswer(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    const settle = (done: () => void): void => {
      socket.off("data", onData).off("close", onClose);
      done();
    };
    const onClose = (): void => settle(() => reject(new Error(`closed after ${JSON.stringify(text.slice(0, 80))}`)));
    const onData = (bytes: Buffer): void => {
      text += bytes.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = /^content-length: (\d+)/im.exec(text.slice(0, end))?.[1];
      const isWhole = length === undefined ? text.endsWith("0\r\n\r\n") : text.length - end - 4 >= Number(length);
      if (isWhole) settle(resolve);
    };
    socket.on("data", onData).on("close", onClose);
  });
}

async function compare(journal: string, answered: ReadonlySet<string>) {
  const found = new Map<string, number>();
  let [gaps, journalTransactions] = [0, 0];
  for await (const line of createInterface({ input: createReadStream(journal) })) {
    const record: { k?: string; response?: { status: number } } = JSON.parse(line);
    if (record.k === "gap") gaps += 1;
    if (record.k !== "entry") continue;
    journalTransactions += 1;
    const id = /"client-request-id","value":"([^"]+)"/.exec(line)?.[1];
    if (id !== undefined && (record.response?.status ?? 0) > 0) found.set(id, (found.get(id) ?? 0) + 1);
  }
  return {
    gaps,
    journalTransactions,
    missing: [...answered].filter((id) => !found.has(id)).length,
    doubled: [...found.values()].filter((count) => count > 1).length,
  };
}

function residentMb(pid: number): number {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return Number.NaN;
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(file, "utf8"))?.[1] ?? Number.NaN) / 1024;
}
