// Windows PowerShell 5.1 writes errors, warnings and progress to a redirected stderr as `#< CLIXML` and one XML document.
// Nothing is decided by it: it is made readable for the transcript.

const kinds: Readonly<Record<string, string>> = {
  Error: "error",
  Warning: "warning",
  Verbose: "verbose",
  Debug: "debug",
};
const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** The lines a person would have seen; text that is no CLIXML comes back as its lines. Progress records are left out. */
export function readableErrors(text: string): readonly string[] {
  const lines: string[] = [];
  let last = 0;
  for (const match of text.matchAll(/<S S="(\w+)">([^<]*)<\/S>|#< CLIXML|<Objs\b[^>]*>|<\/Objs>|<Obj\b.*?<\/Obj>/gs)) {
    lines.push(text.slice(last, match.index));
    last = match.index + match[0].length;
    if (match[1] !== undefined) lines.push(`${kinds[match[1]] ?? match[1]}: ${decodeText(match[2] ?? "")}`);
  }
  lines.push(text.slice(last));
  return lines.flatMap((line) => line.split(/\r?\n/)).filter((line) => line.trim() !== "");
}

function decodeText(text: string): string {
  return text
    .replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => named[name] ?? "")
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
