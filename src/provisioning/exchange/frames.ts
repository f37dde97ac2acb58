// The wire format between this program and the shell: lines of ASCII. A reply is `@@<nonce>:<id>:<base64 of JSON>`; a
// request begins with `@>`, so that an echo of it is never read as a reply. Every other line of stdout (banners, progress,
// host text of a cmdlet) is log: it cannot contain the nonce.

const longestLine = 16 * 1024 * 1024;

export interface Frame {
  readonly id: number;
  readonly text: string;
}

export type Line = { readonly frame: Frame } | { readonly log: string };

export function requestFrame(nonce: string, id: number, text: string): string {
  return `@>${nonce}:${id}:${Buffer.from(text, "utf8").toString("base64")}\n`;
}

/** Splits stdout into frames and log lines, however the chunks are cut. The reader throws RangeError for a line over 16 MiB. */
export function createFrameReader(nonce: string): (chunk: Buffer) => readonly Line[] {
  let rest: Buffer[] = [];
  let restLength = 0;
  return (chunk) => {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      lines.push(...readLine(nonce, Buffer.concat([...rest, chunk.subarray(start, end)]).toString("utf8")));
      rest = [];
      restLength = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      rest.push(chunk.subarray(start));
      restLength += chunk.length - start;
    }
    if (restLength > longestLine) throw new RangeError("A line of the shell's output is too long.");
    return lines;
  };
}

/** A cmdlet's text without a line break may precede the frame on the same line. */
function readLine(nonce: string, line: string): readonly Line[] {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  const mark = text.lastIndexOf(`@@${nonce}:`);
  const parts = mark === -1 ? null : /^(\d{1,9}):([A-Za-z0-9+/]*={0,2})$/.exec(text.slice(mark + nonce.length + 3));
  if (parts === null) return text === "" ? [] : [{ log: text }];
  const frame = { id: Number(parts[1]), text: Buffer.from(parts[2] ?? "", "base64").toString("utf8") };
  return mark === 0 ? [{ frame }] : [{ log: text.slice(0, mark) }, { frame }];
}
