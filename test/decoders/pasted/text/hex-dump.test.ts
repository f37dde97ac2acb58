// Dumps as xxd 2022-01-14, hexdump -C of util-linux, Wireshark 4 ("...as Hex Dump") and tcpdump 4.99 write them.
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { decodePaste } from "../../../../src/decoders/pasted/decode-paste.ts";
import { readHexDump } from "../../../../src/decoders/pasted/text/hex-dump.ts";

const message =
  'HTTP/1.1 401 Unauthorized\r\nServer: Microsoft-IIS/10.0\r\nx-ms-diagnostics: 2000006;reason="The caller is not a known partner application.";error_category="invalid_client"\r\nContent-Length: 0\r\n\r\n';

const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
const shown = (bytes: readonly number[]): string =>
  bytes.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
const rows = (bytes: readonly number[]): readonly (readonly [number, readonly number[]])[] =>
  Array.from({ length: Math.ceil(bytes.length / 16) }, (_, at) => [at * 16, bytes.slice(at * 16, at * 16 + 16)]);
const grouped = (bytes: readonly number[]): string =>
  bytes
    .map((byte, at) => hex(byte) + (at % 2 === 1 ? " " : ""))
    .join("")
    .trim();

const xxd = (bytes: readonly number[]): string =>
  rows(bytes)
    .map(([at, part]) => `${at.toString(16).padStart(8, "0")}: ${grouped(part).padEnd(39)}  ${shown(part)}`)
    .join("\n");
const hexdump = (bytes: readonly number[]): string =>
  rows(bytes)
    .map(([at, part]) => {
      const halves = [part.slice(0, 8), part.slice(8)].map((half) => half.map(hex).join(" "));
      return `${at.toString(16).padStart(8, "0")}  ${halves.join("  ").padEnd(48)}  |${shown(part)}|`;
    })
    .join("\n");
const wireshark = (bytes: readonly number[]): string =>
  rows(bytes)
    .map(([at, part]) => `${at.toString(16).padStart(4, "0")}   ${part.map(hex).join(" ").padEnd(47)}   ${shown(part)}`)
    .join("\n");
const tcpdump = (bytes: readonly number[]): string =>
  rows(bytes)
    .map(([at, part]) => `\t0x${at.toString(16).padStart(4, "0")}:  ${grouped(part).padEnd(39)}  ${shown(part)}`)
    .join("\n");

/** RFC 791 and RFC 9293, without checksums. */
function packet(payload: string): readonly number[] {
  const data = [...Buffer.from(payload, "latin1")];
  const total = 40 + data.length;
  const ip = [0x45, 0, total >> 8, total & 255, 0, 1, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 10, 192, 0, 2, 7];
  return [...ip, 0, 80, 0xc3, 0xca, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 1, 0xf5, 0, 0, 0, 0, ...data];
}
const ethernet = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x08, 0x00];
const bytes = [...Buffer.from(message, "latin1")];
const summary =
  "11:00:02.400159 IP 192.0.2.10.80 > 192.0.2.7.50122: Flags [P.], seq 1:500, ack 900, win 501, length 499\n";

const dumps: Readonly<Record<string, string>> = {
  xxd: xxd(bytes),
  "hexdump -C": hexdump(bytes),
  "Wireshark, a stream": wireshark(bytes),
  "Wireshark, a frame": wireshark([...ethernet, ...packet(message)]),
  "tcpdump -X": `${summary}${tcpdump(packet(message))}`,
  "tcpdump -X, over two packets": `${summary}${tcpdump(packet(message.slice(0, 100)))}\n${summary}${tcpdump(packet(message.slice(100)))}`,
  "xxd in a mail": `We see this:\n\n${xxd(bytes)}\n\nAny idea?`,
};

describe.each(Object.entries(dumps))("%s", (_, dump) => {
  test("has the bytes", () => {
    expect(readHexDump(dump)).toBe(message.replaceAll("\r\n", "\n"));
  });

  test("is read by decode", async () => {
    const read = await decodePaste(dump);
    expect(read.subject.transaction?.response?.status).toBe(401);
    expect(read.subject.transaction?.response?.headers).toContainEqual(["Server", "Microsoft-IIS/10.0"]);
    expect(JSON.stringify(read.value)).toContain("2000006");
  });
});

test("every length of the last line", () => {
  for (let length = 17; length < 64; length++) {
    const part = bytes.slice(0, length);
    const text = message.slice(0, length).replaceAll("\r\n", "\n").replace(/\r$/, "\n");
    for (const dump of [xxd(part), hexdump(part), wireshark(part), tcpdump(part)]) expect(readHexDump(dump)).toBe(text);
  }
});

test("xxd itself, where it is installed", () => {
  const ran = spawnSync("xxd", [], { input: message, encoding: "utf8" });
  if (ran.status === 0) expect(readHexDump(ran.stdout)).toBe(message.replaceAll("\r\n", "\n"));
});

test("other text is no dump", () => {
  for (const text of ["", message, "0000", "12:34:56 abcd", "00000000: 50", "face beef\ncafe babe"])
    expect(readHexDump(text)).toBe(null);
});
