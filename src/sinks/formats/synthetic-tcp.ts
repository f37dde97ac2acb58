// A made-up TCP connection: handshake, numbered segments and end, so that a packet reader reassembles the messages. Checksums
// are correct, as Zeek and Suricata drop packets with wrong ones.

export interface Endpoint {
  /** Four bytes of an IPv4 address. */
  readonly address: readonly [number, number, number, number];
  readonly port: number;
}

const flags = { fin: 0x01, syn: 0x02, psh: 0x08, ack: 0x10 } as const;
/** An IPv4 packet holds at most 65,535 bytes with its headers. */
const segmentSize = 32 * 1024;

/** Builds the packets of one connection, in order. */
export class SyntheticConnection {
  readonly #client: Endpoint;
  readonly #server: Endpoint;
  #clientNext = 1;
  #serverNext = 1;
  #identification = 0;

  constructor(client: Endpoint, server: Endpoint) {
    this.#client = client;
    this.#server = server;
  }

  /** The three packets of the handshake. */
  open(): readonly Buffer[] {
    const opening = [
      this.#packet("client", flags.syn),
      this.#packet("server", flags.syn | flags.ack),
      this.#packet("client", flags.ack),
    ];
    return opening;
  }

  /** Bytes from one side, each segment acknowledged by the other. */
  send(from: "client" | "server", bytes: Uint8Array): readonly Buffer[] {
    const packets: Buffer[] = [];
    for (let start = 0; start < bytes.length; start += segmentSize) {
      const piece = bytes.subarray(start, start + segmentSize);
      packets.push(this.#packet(from, flags.psh | flags.ack, piece));
      packets.push(this.#packet(from === "client" ? "server" : "client", flags.ack));
    }
    return packets;
  }

  /** The packets that end the connection, with the server's FIN first. */
  close(): readonly Buffer[] {
    return [
      this.#packet("server", flags.fin | flags.ack),
      this.#packet("client", flags.fin | flags.ack),
      this.#packet("server", flags.ack),
    ];
  }

  #packet(from: "client" | "server", bits: number, bytes: Uint8Array = new Uint8Array(0)): Buffer {
    const isOpening = (bits & flags.syn) !== 0;
    const [source, target] = from === "client" ? [this.#client, this.#server] : [this.#server, this.#client];
    const own = from === "client" ? this.#clientNext : this.#serverNext;
    const other = from === "client" ? this.#serverNext : this.#clientNext;
    const segment = Buffer.alloc(20 + bytes.length);
    segment.writeUInt16BE(source.port, 0);
    segment.writeUInt16BE(target.port, 2);
    segment.writeUInt32BE((isOpening ? own - 1 : own) >>> 0, 4);
    segment.writeUInt32BE((bits & flags.ack) === 0 ? 0 : other >>> 0, 8);
    segment[12] = 5 << 4;
    segment[13] = bits;
    segment.writeUInt16BE(0xffff, 14);
    segment.set(bytes, 20);
    segment.writeUInt16BE(checksum(Buffer.concat([pseudoHeader(source, target, segment.length), segment])), 16);
    const advance = bytes.length + ((bits & flags.fin) === 0 ? 0 : 1);
    if (from === "client") this.#clientNext = (this.#clientNext + advance) >>> 0;
    else this.#serverNext = (this.#serverNext + advance) >>> 0;
    return Buffer.concat([this.#ipHeader(source, target, segment.length), segment]);
  }

  #ipHeader(source: Endpoint, target: Endpoint, length: number): Buffer {
    const header = Buffer.alloc(20);
    header[0] = 0x45;
    header.writeUInt16BE(20 + length, 2);
    this.#identification = (this.#identification + 1) & 0xffff;
    header.writeUInt16BE(this.#identification, 4);
    header[8] = 64;
    header[9] = 6;
    header.set(source.address, 12);
    header.set(target.address, 16);
    header.writeUInt16BE(checksum(header), 10);
    return header;
  }
}

function pseudoHeader(source: Endpoint, target: Endpoint, length: number): Buffer {
  const header = Buffer.alloc(12);
  header.set(source.address, 0);
  header.set(target.address, 4);
  header[9] = 6;
  header.writeUInt16BE(length, 10);
  return header;
}

/** RFC 1071: the complement of the sum of 16-bit words. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
