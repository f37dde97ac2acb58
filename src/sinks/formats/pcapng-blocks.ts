// pcapng blocks (draft-ietf-opsawg-pcapng §4), little-endian: only those that a file of made-up packets needs.

const sectionHeader = 0x0a0d0d0a;
const interfaceDescription = 1;
const enhancedPacket = 6;
/** LINKTYPE_RAW: a packet begins with its IP header. */
const rawIp = 101;
const commentOption = 1;
const userApplicationOption = 4;
const nameOption = 2;

type Option = readonly [code: number, text: string];

/** The section header block: the writing program and a comment on the content. */
export function sectionBlock(application: string, comment: string): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(0x1a2b3c4d, 0);
  body.writeUInt16LE(1, 4);
  // -1: the section's length is not stated.
  body.fill(0xff, 8, 16);
  return block(sectionHeader, [
    body,
    options([
      [commentOption, comment],
      [userApplicationOption, application],
    ]),
  ]);
}

/** The description of the only interface; timestamps are microseconds. */
export function interfaceBlock(name: string): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(rawIp, 0);
  return block(interfaceDescription, [body, options([[nameOption, name]])]);
}

/** One packet at `at` (epoch milliseconds); packet readers show the comment with it. */
export function packetBlock(packet: Uint8Array, at: number, comment = ""): Buffer {
  const body = Buffer.alloc(20);
  const micros = BigInt(Math.max(0, Math.round(at * 1000)));
  body.writeUInt32LE(Number(micros >> 32n), 4);
  body.writeUInt32LE(Number(micros & 0xffffffffn), 8);
  body.writeUInt32LE(packet.length, 12);
  body.writeUInt32LE(packet.length, 16);
  return block(enhancedPacket, [body, padTo4(packet), options(comment === "" ? [] : [[commentOption, comment]])]);
}

function block(type: number, parts: readonly Uint8Array[]): Buffer {
  const length = 12 + parts.reduce((sum, part) => sum + part.length, 0);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(length, 0);
  return Buffer.concat([head, ...parts, tail]);
}

/** An option's length is 16 bits; longer texts are cut. */
const longestText = 65_000;

function options(list: readonly Option[]): Buffer {
  if (list.length === 0) return Buffer.alloc(0);
  const parts = list.flatMap(([code, text]) => {
    const value = Buffer.from(text, "utf8").subarray(0, longestText);
    const head = Buffer.alloc(4);
    head.writeUInt16LE(code, 0);
    head.writeUInt16LE(value.length, 2);
    return [head, padTo4(value)];
  });
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}

function padTo4(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
