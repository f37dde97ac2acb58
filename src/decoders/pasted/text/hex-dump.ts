// Hexadecimal dumps: xxd, hexdump -C, "copy as hex dump" of Wireshark, tcpdump -x and -X. The bytes become text again; the heads of
// Ethernet, IP and TCP in front of each packet are taken off, so that a message over several packets is whole.

const mostLines = 20_000;
const offset = String.raw`[ \t]{0,8}(?:0x)?([0-9a-f]{4,16}):?`;
/** Offset, pairs of digits alone or in groups, then what the dump shows as text. */
const dumpLine = new RegExp(`^${offset}[ \\t]{1,4}((?:[0-9a-f]{2}(?:[ \\t]{1,2}|(?=[0-9a-f])|$)){1,32})(.*)$`, "i");

/** The text in a dump; null where fewer than two lines follow each other by their offsets. */
export function readHexDump(text: string): string | null {
  const packets: number[][] = [];
  let next = -1;
  let lines = 0;
  for (const line of text.split("\n", mostLines)) {
    const [, at = "", digits = "", shown = ""] = dumpLine.exec(line) ?? [];
    if (at === "") continue;
    const start = Number.parseInt(at, 16);
    const bytes = bytesOf(digits, shown);
    if (start === 0) packets.push([]);
    else if (start !== next) continue;
    packets.at(-1)?.push(...bytes);
    next = start + bytes.length;
    lines++;
  }
  if (lines < 2) return null;
  const whole = packets.flatMap((packet) => payloadOf(packet));
  return new TextDecoder().decode(Uint8Array.from(whole)).replace(/\r\n?/g, "\n");
}

/** Two digits of the text column look like a byte where the last line is short: a byte has as many characters there as it has digits. */
function bytesOf(digits: string, shown: string): readonly number[] {
  const pairs = digits.match(/[0-9a-f]{2}/gi) ?? [];
  const text = shown.replace(/^[ \t]*\|?|\|?[ \t]*$/g, "");
  const isShifted = text.length < pairs.length && pairs.length > 1 && /[ \t]{2,}[0-9a-f]{2,4}$/i.test(digits.trimEnd());
  return (isShifted ? pairs.slice(0, -1) : pairs).map((pair) => Number.parseInt(pair, 16));
}

/** The payload of TCP in a packet (RFC 791, RFC 9293), with or without an Ethernet header; other bytes unchanged. */
function payloadOf(bytes: readonly number[]): readonly number[] {
  const isEthernet = bytes[12] === 0x08 && bytes[13] === 0x00 && (bytes[14] ?? 0) >> 4 === 4;
  const ip = isEthernet ? bytes.slice(14) : bytes;
  const headLength = ((ip[0] ?? 0) & 0xf) * 4;
  if ((ip[0] ?? 0) >> 4 !== 4 || headLength < 20 || ip[9] !== 6) return bytes;
  const total = (ip[2] ?? 0) * 256 + (ip[3] ?? 0);
  const tcp = ip.slice(headLength, total >= headLength ? total : undefined);
  return tcp.slice(((tcp[12] ?? 0) >> 4) * 4);
}
