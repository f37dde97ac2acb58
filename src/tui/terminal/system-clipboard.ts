// Two ways to copy: a program of this machine, or the terminal itself (OSC 52), which works over SSH. The clipboard is never
// read.
import { safe } from "../../core/safe-text.ts";
import { systemProgram } from "../../programs/environment.ts";
import { findProgram, thisPlace } from "../../programs/find-program.ts";
import { startWriter } from "../../programs/start-program.ts";

type Environment = Readonly<Record<string, string | undefined>>;

interface ClipboardProgram {
  /** Name in messages. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Takes UTF-16 instead of UTF-8. */
  readonly isWide?: true;
}

/** False over SSH, in a multiplexer or in WSL, where the clipboard of this machine may not be the person's. */
export function isLocalTerminal(environment: Environment): boolean {
  const remote = ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "TMUX", "STY", "WSL_DISTRO_NAME", "WSL_INTEROP"];
  return remote.every((name) => (environment[name] ?? "") === "");
}

/** Programs that write to the clipboard of this platform, the best first; not all need to be installed. */
export function clipboardPrograms(
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): readonly ClipboardProgram[] {
  const has = (name: string): boolean => (environment[name] ?? "") !== "";
  if (platform === "darwin") return [{ name: "pbcopy", file: "pbcopy", args: [] }];
  if (platform === "win32") {
    return [{ name: "clip.exe", file: systemProgram(environment, "clip.exe"), args: [], isWide: true }];
  }
  return [
    ...(has("WAYLAND_DISPLAY")
      ? [{ name: "wl-copy", file: "wl-copy", args: ["--type", "text/plain;charset=utf-8"] }]
      : []),
    ...(has("DISPLAY") ? [{ name: "xclip", file: "xclip", args: ["-selection", "clipboard", "-in"] }] : []),
    ...(has("WSL_DISTRO_NAME") ? [{ name: "clip.exe", file: "clip.exe", args: [], isWide: true } as const] : []),
  ];
}

/** `missing`: the program is not installed; `failed`: why it did not take the text. */
export type ClipboardAnswer = "copied" | "missing" | { readonly failed: string };

/** Runs the program without a shell with the text on its standard input, for at most `limitMs`. Never rejects. */
export function runClipboardProgram(
  { name, file, args, isWide }: ClipboardProgram,
  text: string,
  { environment, limitMs = 2000 }: { readonly environment: Environment; readonly limitMs?: number },
): Promise<ClipboardAnswer> {
  const found = findProgram(file, { ...thisPlace(), environment });
  if (found.kind === "missing") return Promise.resolve("missing");
  if (found.kind === "refused") return Promise.resolve({ failed: `${name} ${found.why} and is not started` });
  return new Promise((resolve) => {
    // In its own session: xclip keeps running to serve the clipboard after the screen has ended.
    const child = startWriter(found.path, args, { kind: "clipboard", environment, isDetached: true });
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
    // A program that does not read to the end reports that by its exit code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(Buffer.from(text, isWide === true ? "utf16le" : "utf8"));
  });
}

/** The most that terminals accept in OSC 52, in base64 characters. */
const clipboardLimit = 74_994;

/** Captured text for the clipboard: line ends stay, every other control character is escaped, so that pasting runs nothing. */
export function clipboardText(text: string): string {
  return text.split(/\r?\n/).map(safe).join("\n");
}

/** The OSC 52 sequence that copies the text, wrapped for tmux or GNU screen; null when the text is too long. */
export function clipboardSequence(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  const data = Buffer.from(text, "utf8").toString("base64");
  if (data.length > clipboardLimit) return null;
  const plain = `\u001b]52;c;${data}\u0007`;
  // tmux takes the plain form with set-clipboard on, the wrapped one with allow-passthrough on; both together do no harm.
  if ((environment.TMUX ?? "") !== "") return `${plain}\u001bPtmux;\u001b${plain}\u001b\\`;
  if ((environment.STY ?? "") === "") return plain;
  // GNU screen forwards strings of at most 256 bytes.
  return (plain.match(/[\s\S]{1,240}/g) ?? []).map((piece) => `\u001bP${piece}\u001b\\`).join("");
}
