// The text on the clipboard of this machine, by a program of the platform. Only `decode --clipboard` reads it.
import { ToolError } from "../core/tool-error.ts";
import { systemProgram } from "../programs/environment.ts";
import { findProgram, refusedProgram, thisPlace } from "../programs/find-program.ts";
import { startProgram } from "../programs/start-program.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface ClipboardReader {
  /** Name in messages. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
}

const powershell = [
  "-NoProfile",
  "-NonInteractive",
  "-Command",
  "[Console]::OutputEncoding=[Text.Encoding]::UTF8; Get-Clipboard -Raw",
];

/** Programs that print the clipboard of this platform, the best first; not all need to be installed. */
export function clipboardReaders(
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): readonly ClipboardReader[] {
  const has = (name: string): boolean => (environment[name] ?? "") !== "";
  if (platform === "darwin") return [{ name: "pbpaste", file: "pbpaste", args: [] }];
  if (platform === "win32") {
    const system = systemProgram(environment, "WindowsPowerShell", "v1.0", "powershell.exe");
    return [{ name: "PowerShell", file: system, args: powershell }];
  }
  return [
    ...(has("WAYLAND_DISPLAY") ? [{ name: "wl-paste", file: "wl-paste", args: ["--no-newline"] }] : []),
    ...(has("DISPLAY")
      ? [
          { name: "xclip", file: "xclip", args: ["-selection", "clipboard", "-out"] },
          { name: "xsel", file: "xsel", args: ["--clipboard", "--output"] },
        ]
      : []),
    ...(has("WSL_DISTRO_NAME") ? [{ name: "PowerShell", file: "powershell.exe", args: powershell }] : []),
  ];
}

/** The text on the clipboard, at most `limit` bytes. Rejects with ToolError where no program can read it. */
export async function readClipboard(limit: number, environment: Environment = process.env): Promise<string> {
  const readers = clipboardReaders(environment);
  for (const reader of readers) {
    const text = await run(reader, limit, environment);
    if (text !== null) return text;
  }
  const wanted =
    process.platform === "linux" ? "wl-paste (Wayland) or xclip (X11)" : (readers[0]?.name ?? "a clipboard");
  throw new ToolError("no-clipboard", "No program on this machine can read the clipboard.", {
    hint: `Install ${wanted}, or paste into realmscope decode, or give it a file.`,
  });
}

const limitMs = 5000;

/** The output of the program, run without a shell; null when it is not installed. */
function run({ name, file, args }: ClipboardReader, limit: number, environment: Environment): Promise<string | null> {
  const found = findProgram(file, { ...thisPlace(), environment });
  if (found.kind === "refused") return Promise.reject(refusedProgram(name, found, "no-clipboard"));
  if (found.kind === "missing") return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const child = startProgram(found.path, args, { kind: "clipboard", environment });
    child.stdin.on("error", () => undefined);
    child.stdin.end();
    child.stderr.resume();
    const chunks: Buffer[] = [];
    let length = 0;
    const fail = (why: string, hint: string): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new ToolError("no-clipboard", why, { hint }));
    };
    const other = "Paste into realmscope decode, or give it a file.";
    const timer = setTimeout(() => fail(`${name} took too long to read the clipboard.`, other), limitMs);
    child.once("error", () => {
      clearTimeout(timer);
      resolve(null);
    });
    child.stdout.on("data", (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > limit) fail("The clipboard holds more than 1 MiB.", "Copy the part of the text around the call.");
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(Buffer.concat(chunks).toString("utf8"));
      else fail(`${name} could not read the clipboard: it is empty or holds no text.`, other);
    });
  });
}
