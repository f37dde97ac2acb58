// The clipboard of this machine, by the program that it has for that. It is never read.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { safe } from "../../core/safe-text.ts";

type Environment = Readonly<Record<string, string | undefined>>;

interface ClipboardProgram {
  /** As it is named to people. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Takes UTF-16 instead of UTF-8. */
  readonly isWide?: true;
}

/** The terminal may be another machine's, or one that is seen from several: the clipboard here is then not the person's. */
export function isLocalTerminal(environment: Environment): boolean {
  const remote = ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "TMUX", "STY", "WSL_DISTRO_NAME", "WSL_INTEROP"];
  return remote.every((name) => (environment[name] ?? "") === "");
}

/** Programs that put text into the clipboard here, the best first; whether they are installed shows when they are run. */
export function clipboardPrograms(
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): readonly ClipboardProgram[] {
  const has = (name: string): boolean => (environment[name] ?? "") !== "";
  if (platform === "darwin") return [{ name: "pbcopy", file: "pbcopy", args: [] }];
  if (platform === "win32") {
    // By its whole path: Windows looks for a bare name in the working folder first.
    const system = join(environment.SystemRoot ?? "C:\\Windows", "System32", "clip.exe");
    return [{ name: "clip.exe", file: system, args: [], isWide: true }];
  }
  return [
    ...(has("WAYLAND_DISPLAY")
      ? [{ name: "wl-copy", file: "wl-copy", args: ["--type", "text/plain;charset=utf-8"] }]
      : []),
    ...(has("DISPLAY") ? [{ name: "xclip", file: "xclip", args: ["-selection", "clipboard", "-in"] }] : []),
    ...(has("WSL_DISTRO_NAME") ? [{ name: "clip.exe", file: "clip.exe", args: [], isWide: true } as const] : []),
  ];
}

/** All that these programs need to know; the rest of the environment may hold what is none of their business. */
const passedOn =
  "PATH HOME LANG LC_ALL LC_CTYPE DISPLAY XAUTHORITY WAYLAND_DISPLAY XDG_RUNTIME_DIR SystemRoot WSL_INTEROP";

/** `missing` where there is no such program; else why it did not take the text. */
export type ClipboardAnswer = "copied" | "missing" | { readonly failed: string };

/** Gives the text to the program on its standard input, without a shell, and waits at most so long for its end. */
export function runClipboardProgram(
  { name, file, args, isWide }: ClipboardProgram,
  text: string,
  { environment, limitMs = 2000 }: { readonly environment: Environment; readonly limitMs?: number },
): Promise<ClipboardAnswer> {
  const env = Object.fromEntries(
    passedOn.split(" ").flatMap((key) => (environment[key] === undefined ? [] : [[key, environment[key]]])),
  );
  return new Promise((resolve) => {
    // In a session of its own: xclip stays to answer for what was copied, also when this screen has gone.
    const child = spawn(file, args, { stdio: ["pipe", "ignore", "ignore"], env, detached: true, windowsHide: true });
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      resolve({ failed: `${name} took too long` });
    }, limitMs);
    const end = (answer: ClipboardAnswer): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    child.once("error", (error) => {
      const isMissing = "code" in error && error.code === "ENOENT";
      end(isMissing ? "missing" : { failed: `${name} cannot be run` });
    });
    child.once("exit", (code) => end(code === 0 ? "copied" : { failed: `${name} ended with ${code ?? "a signal"}` }));
    // What does not read to its end tells so by how it ends.
    child.stdin.on("error", () => undefined);
    child.stdin.end(Buffer.from(text, isWide === true ? "utf16le" : "utf8"));
  });
}

// Copying through the terminal itself (OSC 52), so that it works over SSH as well. The clipboard is never read.

/** What terminals take at most, in characters of base64. */
const clipboardLimit = 74_994;

/** Captured text as it is copied: line ends stay, every other control is written out, so that pasting runs nothing. */
export function clipboardText(text: string): string {
  return text.split(/\r?\n/).map(safe).join("\n");
}

/** The sequence that asks the terminal to copy; null when the text is more than terminals take. */
export function clipboardSequence(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  const data = Buffer.from(text, "utf8").toString("base64");
  if (data.length > clipboardLimit) return null;
  const plain = `\u001b]52;c;${data}\u0007`;
  // tmux with set-clipboard on takes the plain form, with allow-passthrough on the wrapped one; twice the same does no harm.
  if ((environment.TMUX ?? "") !== "") return `${plain}\u001bPtmux;\u001b${plain}\u001b\\`;
  if ((environment.STY ?? "") === "") return plain;
  // GNU screen passes strings on in pieces of at most 256 bytes.
  return (plain.match(/[\s\S]{1,240}/g) ?? []).map((piece) => `\u001bP${piece}\u001b\\`).join("");
}
