// Reads packet captures (pcap, pcapng) through tshark, if it is installed: tshark reassembles TCP and decrypts TLS
// where it has the secrets, from inside a pcapng or from the file that SSLKEYLOGFILE names.
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { CaptureEvent, SourceSummary } from "../../core/capture-event.ts";
import { ToolError } from "../../core/tool-error.ts";
import { findProgram, refusedProgram } from "../../programs/find-program.ts";
import { runProgram, startProgram } from "../../programs/start-program.ts";
import type { ByteInput } from "../input/byte-input.ts";
import type { FileReading } from "../input/capture.ts";
import { readLines } from "../input/lines.ts";
import { collectProblems, type Problems } from "../input/problems.ts";
import { objectOf } from "../values/foreign-json.ts";
import { type PacketFields, type Pairing, packetFields, startPairing } from "./packet-messages.ts";

const lineLimit = 96 * 1024 * 1024;

/**
 * Reads the HTTP/1 messages of a packet capture. Rejects with ToolError `tshark-missing`; `events` throw `not-packets`.
 */
export async function readPackets(path: string, input: ByteInput): Promise<FileReading> {
  const program = tsharkProgram(path);
  const hasByteBodies = await findByteBodies(program, path);
  const problems = collectProblems();
  const summary = { transactions: 0, truncated: false };
  const pairing = startPairing({ hasByteBodies, problems });
  return {
    events: readAll(input, { path, program, pairing, problems, summary }),
    provenanceOf: pairing.said,
    summary: (): SourceSummary => ({ path, format: "pcap", ...summary, problems: problems.lines() }),
  };
}

interface Progress {
  readonly path: string;
  /** Full path of tshark. */
  readonly program: string;
  readonly pairing: Pairing;
  readonly problems: Problems;
  readonly summary: { transactions: number; truncated: boolean };
}

const hint = "Install tshark (it comes with Wireshark), or save the traffic as HAR or SAZ.";

function tsharkProgram(path: string): string {
  const found = findProgram("tshark");
  if (found.kind === "found") return found.path;
  const isNeeded = `${JSON.stringify(path)} is a packet capture, and tshark, which is needed to read it, is not`;
  if (found.kind === "missing") throw new ToolError("tshark-missing", `${isNeeded} installed.`, { hint });
  const refused = refusedProgram("tshark", found);
  throw new ToolError("tshark-missing", `${isNeeded} started: ${JSON.stringify(found.path)} ${found.why}.`, {
    hint: refused.hint,
  });
}

const versionMs = 20_000;

/** Whether this tshark writes bodies in hex, as since 4.2; before that they are text. */
async function findByteBodies(program: string, path: string): Promise<boolean> {
  const { output, failure } = await runProgram(program, ["--version"], { kind: "tshark", limitMs: versionMs });
  if (failure !== null)
    throw new ToolError(
      "tshark-missing",
      `${JSON.stringify(path)} is a packet capture, and ${program} cannot be started (${failure}).`,
      {
        hint,
      },
    );
  const [, major = "0", minor = "0"] = /(\d+)\.(\d+)\.\d+/.exec(output) ?? [];
  return Number(major) > 4 || (Number(major) === 4 && Number(minor) >= 2);
}

async function* readAll(input: ByteInput, progress: Progress): AsyncGenerator<CaptureEvent> {
  const child = startTshark(progress);
  try {
    yield* readFrom(child, input, progress);
  } finally {
    // A consumer that stops early leaves tshark running.
    child.kill();
  }
}

type Tshark = ReturnType<typeof startTshark>;

async function* readFrom(child: Tshark, input: ByteInput, progress: Progress): AsyncGenerator<CaptureEvent> {
  const { pairing } = progress;
  const complaint = textOf(child.stderr, 4096);
  const ended = endOf(child);
  const feeding = progress.path === "-" ? feed(input, child.stdin) : child.stdin.end();
  let lines = 0;
  for await (const { bytes } of readLines(child.stdout, lineLimit)) {
    const fields = bytes === null ? null : fieldsOf(bytes.toString("utf8"));
    if (fields === null) continue;
    lines += 1;
    for (const event of pairing.accept(fields)) yield counted(event, progress);
  }
  for (const event of pairing.end()) yield counted(event, progress);
  const closed = progress.summary.transactions === 0 ? pairing.closed() : null;
  if (closed !== null) progress.problems.add(closed);
  await feeding;
  judgeEnd(await ended, { lines, complaint: await complaint, isDamaged: input.isDamaged() }, progress);
}

function counted(event: CaptureEvent, { summary }: Progress): CaptureEvent {
  if (event.kind === "transaction") summary.transactions += 1;
  return event;
}

function startTshark({ path, program }: Progress): ChildProcessWithoutNullStreams {
  const keys = process.env.SSLKEYLOGFILE;
  const secrets = keys === undefined || keys === "" ? [] : ["-o", `tls.keylog_file:${keys}`];
  // -n: no name lookups. The filter makes tshark skip what is neither HTTP nor the beginning of TLS.
  const wanted = packetFields.flatMap((name) => ["-e", name]);
  const filter = ["-n", "-Y", "http || http2 || tls.handshake.type == 1", "-T", "ek", ...secrets, ...wanted];
  const command = tsharkCommand(program, path, filter);
  return startProgram(command.path, command.arguments, { kind: "tshark" });
}

/**
 * tshark reads standard input from a pipe only. Node gives a child a socket, except on Windows, where it is a pipe; elsewhere
 * a shell with a constant text makes a pipe of it.
 */
export function tsharkCommand(
  program: string,
  path: string,
  options: readonly string[],
  platform: NodeJS.Platform = process.platform,
): { readonly path: string; readonly arguments: readonly string[] } {
  if (path !== "-") return { path: program, arguments: ["-r", resolve(path), ...options] };
  if (platform === "win32") return { path: program, arguments: ["-r", "-", ...options] };
  return { path: "/bin/sh", arguments: ["-c", '/bin/cat | exec "$0" -r - "$@"', program, ...options] };
}

async function feed(input: ByteInput, target: Writable): Promise<void> {
  // tshark may stop before the end of a damaged file.
  target.on("error", () => target.destroy());
  for await (const chunk of input.chunks) {
    if (target.destroyed) break;
    if (!target.write(chunk)) await new Promise((resolve) => target.once("drain", resolve).once("close", resolve));
  }
  target.end();
}

function judgeEnd(
  code: number | null,
  said: { readonly lines: number; readonly complaint: string; readonly isDamaged: boolean },
  { path, summary, problems }: Progress,
): void {
  const isCut = /cut short/i.test(said.complaint) || said.isDamaged;
  if (code === 0 && !isCut) return;
  if (!isCut && said.lines === 0) {
    throw new ToolError("not-packets", `${JSON.stringify(path)} is a packet capture that tshark cannot read.`, {
      hint: "Open it in Wireshark to see what is wrong with it.",
    });
  }
  summary.truncated = true;
  problems.add(isCut ? "the packet capture is cut short" : "tshark stopped before the end of the packet capture");
}

function fieldsOf(line: string): PacketFields | null {
  try {
    const layers = objectOf(JSON.parse(line)).layers;
    return layers === undefined ? null : objectOf(layers);
  } catch {
    return null;
  }
}

function endOf(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  return new Promise((ended, failed) => child.once("error", failed).once("close", ended));
}

async function textOf(stream: Readable, limit: number): Promise<string> {
  let text = "";
  for await (const piece of stream as AsyncIterable<Buffer>) text = (text + piece.toString("utf8")).slice(0, limit);
  return text;
}
