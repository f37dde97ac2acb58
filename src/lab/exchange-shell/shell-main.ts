// A program that takes PowerShell's flags and answers as Exchange does: `node shell-main.js <directory file> -NoLogo …`.
// It reads and changes the directory file, so that the shells of several runs share one organisation.
import { once } from "node:events";
import { createInterface } from "node:readline";
import { CmdletFailure, messageOf } from "./cmdlet-error.ts";
import { hiddenOf, runCmdlet } from "./cmdlets.ts";
import {
  changeDirectory,
  type DirectoryState,
  type Fault,
  type Properties,
  readDirectory,
  type Value,
} from "./directory-state.ts";
import { flipCertificate } from "./organisation.ts";
import {
  type Allowed,
  allowedIn,
  isAnnounced,
  isEndOfScript,
  parametersOf,
  type Request,
  readRequest,
  replyLine,
  textOf,
} from "./shell-wire.ts";

type Reply = Readonly<Record<string, unknown>>;

async function main(path: string, flags: readonly string[]): Promise<void> {
  const { manner } = readDirectory(path);
  if (manner.languageMode !== "FullLanguage") {
    process.stdout.write(`@@realmscope-language-mode:${manner.languageMode}\r\n`);
    return;
  }
  const loader = loaderOf(flags);
  let allowed: ReadonlyMap<string, Allowed> | undefined;
  let bootstrap = "";
  for await (const line of createInterface({ input: process.stdin })) {
    if (allowed === undefined) {
      if (isEndOfScript(loader, line)) allowed = announced(loader, bootstrap);
      else bootstrap += `${line}\n`;
      continue;
    }
    const request = readRequest(line);
    if (request === null) continue;
    const op = textOf(request.body.op);
    if (op === "stop") break;
    const reply = op === "connect" ? connect(readDirectory(path), allowed) : await call(path, request, allowed);
    await write(readDirectory(path), replyLine(request, reply));
  }
}

/** The calls that the bootstrap allows, when it is the one that the loader names. */
function announced(loader: string, bootstrap: string): ReadonlyMap<string, Allowed> {
  if (!isAnnounced(loader, bootstrap)) throw new Error("The bootstrap is not the one that was sent.");
  return allowedIn(bootstrap);
}

/** As PowerShell takes it: readable after -Command, or in base64 of UTF-16. */
function loaderOf(flags: readonly string[]): string {
  const [readable, encoded] = ["-Command", "-EncodedCommand"].map((flag) => flags.indexOf(flag) + 1);
  if (readable !== undefined && readable > 0) return flags[readable] ?? "";
  return Buffer.from(flags[encoded ?? 0] ?? "", "base64").toString("utf16le");
}

function connect(state: DirectoryState, allowed: ReadonlyMap<string, Allowed>): Reply {
  const { manner } = state;
  return {
    ok: true,
    connection: manner.hasExchange ? "connected" : "no-exchange",
    version: manner.edition === "Core" ? "7.6.9" : "5.1.20348.2849",
    edition: manner.edition,
    is64Bit: true,
    isElevated: true,
    actor: "CONTOSO\\exadmin",
    hasOnlineModule: manner.hasOnlineModule,
    machine: (state.servers[0] ?? "").split(".")[0]?.toUpperCase() ?? "",
    setupVersion: state.builds?.[state.servers[0] ?? ""] ?? "",
    hidden: hiddenOf(
      state,
      [...allowed].map(([cmdlet, { parameters }]) => [cmdlet, parameters]),
    ),
  };
}

async function call(path: string, request: Request, allowed: ReadonlyMap<string, Allowed>): Promise<Reply> {
  const cmdlet = textOf(request.body.cmdlet);
  const parameters = parametersOf(request.body.parameters);
  const entry = allowed.get(cmdlet);
  if (entry === undefined) return refused("CmdletNotAllowed");
  if (Object.keys(parameters).some((name) => !entry.parameters.includes(name))) return refused("ParameterNotAllowed");
  const fault = changeDirectory(path, (state) => takeFault(state, cmdlet, parameters));
  if (fault?.kind.endsWith("-before")) await dieOrHang(fault);
  if (fault?.kind === "error-before") return failed(readDirectory(path), faultError(fault));
  const reply = changeDirectory(path, (state) => {
    const before = fault?.kind === "flip" ? flipCertificate(state) : state;
    const [next, outcome] = runCmdlet(before, cmdlet, parameters);
    return [next, outcome instanceof CmdletFailure ? failed(next, outcome) : succeeded(next, outcome, entry)];
  });
  if (fault?.kind.endsWith("-after")) await dieOrHang(fault);
  return fault?.kind === "error-after" ? failed(readDirectory(path), faultError(fault)) : reply;
}

/** Records the call and takes the fault that applies to it. */
function takeFault(
  state: DirectoryState,
  cmdlet: string,
  parameters: Properties,
): readonly [DirectoryState, Fault | undefined] {
  const calls = [...state.calls, { cmdlet, parameters }];
  const index = state.faults.findIndex((one) => one.cmdlet === cmdlet);
  const fault = state.faults[index];
  if (fault === undefined) return [{ ...state, calls }, undefined];
  const skip = fault.skip ?? 0;
  const rest = state.faults.filter((_, place) => place !== index);
  return skip > 0
    ? [{ ...state, calls, faults: state.faults.with(index, { ...fault, skip: skip - 1 }) }, undefined]
    : [{ ...state, calls, faults: rest }, fault];
}

/** Ends the process, or never answers, as the fault demands. */
async function dieOrHang(fault: Fault): Promise<void> {
  if (fault.kind.startsWith("die")) process.exit(1);
  if (fault.kind.startsWith("hang")) {
    // Waits as a cmdlet does, but only as long as stdin is open.
    process.stdin.on("data", () => undefined);
    await once(process.stdin, "end");
    process.exit(1);
  }
}

function faultError(fault: Fault): CmdletFailure {
  const error = fault.error ?? { type: "ADTransientException", id: "ADTransientException", category: "NotSpecified" };
  return new CmdletFailure({ ...error, about: fault.cmdlet });
}

function succeeded(state: DirectoryState, objects: readonly Properties[], { properties }: Allowed): Reply {
  const { manner } = state;
  const project = (object: Properties): Properties =>
    Object.fromEntries(
      properties.flatMap((name) => {
        const value = object[name];
        return value === undefined ? [] : [[name, manner.isRemote ? remoteValue(value) : value]];
      }),
    );
  const warnings = manner.warningBytes > 0 ? ["警".repeat(Math.ceil(manner.warningBytes / 8))] : [];
  return { ok: true, objects: objects.map(project), warnings };
}

/** A deserialised value: numbers become strings, and a list of one may become the single value. */
function remoteValue(value: Value): Value {
  if (Array.isArray(value)) return value.length === 1 ? (value[0] ?? null) : value;
  return typeof value === "number" ? `${value}` : value;
}

function failed(state: DirectoryState, { error }: CmdletFailure): Reply {
  const message = messageOf(error, state.manner.language);
  const prefix = `[Server=EX1,RequestId=00000000-0000-0000-0000-000000000001,TimeStamp=1] [FailureCategory=Cmdlet-${error.type}] `;
  const reply = state.manner.isRemote
    ? { type: "RemoteException", reason: error.type, id: prefix + error.id, category: error.category, message }
    : { type: error.type, reason: error.type, id: error.id, category: error.category, message };
  return { ok: false, error: reply };
}

function refused(type: string): Reply {
  return { ok: false, error: { type, reason: "", id: "", category: "", message: type } };
}

/** Writes a frame; a chatty shell also writes other text around it, and the frame in pieces, as a console host does. */
async function write(state: DirectoryState, frame: string): Promise<void> {
  const send = (stream: NodeJS.WriteStream, text: string): Promise<void> =>
    new Promise((resolve) => stream.write(text, () => resolve()));
  if (!state.manner.isChatty) return send(process.stdout, frame);
  await send(
    process.stderr,
    '#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">',
  );
  await send(process.stderr, '<S S="Warning">正在連線到伺服器 &lt;EX1&gt;_x000D__x000A_</S></Objs>');
  await send(process.stdout, `歡迎使用 Exchange 管理命令介面!\r\n@@${"0".repeat(32)}:1:e30=\r\n正在處理...`);
  const middle = Math.floor(frame.length / 3);
  for (const piece of [frame.slice(0, middle), frame.slice(middle, 2 * middle), frame.slice(2 * middle)]) {
    await send(process.stdout, piece);
  }
}

await main(process.argv[2] ?? "", process.argv.slice(3));
process.exit(0);
