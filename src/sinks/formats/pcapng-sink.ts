// A capture as packets for Wireshark, Zeek and Suricata: decrypted, in made-up TCP connections, which the file's comment
// states. Data that packets cannot hold (the name of a tunnel, a signature check) is in the comment of the request's packet. Rows of
// server logs are not in it.
import { closeSync, openSync, writeSync } from "node:fs";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import { safeJson } from "../../core/safe-json.ts";
import type { CaptureSink, SinkOptions } from "./capture-sink.ts";
import { type EntryGroup, EntryGroups, eventMembers } from "./entry-groups.ts";
import { interfaceBlock, packetBlock, sectionBlock } from "./pcapng-blocks.ts";
import { rawMessage, transactionMembers } from "./raw-message.ts";
import { type Endpoint, SyntheticConnection } from "./synthetic-tcp.ts";

const invented =
  "Decrypted HTTP in made-up TCP connections: addresses, ports and packet boundaries are invented, port 80 stands for" +
  " every target. X-Realmscope- before Content-Length, Transfer-Encoding or Content-Encoding: as it was on the wire.";

/** Writes pcapng, mode 0600. It needs no key log, as the packets are not encrypted. */
export function openPcapngSink(path: string, options: SinkOptions): CaptureSink {
  const descriptor = openSync(path, "wx", 0o600);
  const write = (bytes: Uint8Array): void => {
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
  };
  write(sectionBlock(`realmscope ${options.version}`, `${options.note} ${invented}`));
  write(interfaceBlock("realmscope"));
  const groups = new EntryGroups();
  const connections = new Connections(write);
  const put = (group: EntryGroup | null): void => {
    // A made-up transaction has no packets.
    if (group !== null && !group.isPlaceholder) connections.put(group);
  };
  return {
    write(event) {
      if (event.kind !== "log-row" && event.kind !== "log-file") put(groups.push(event));
    },
    drain: () => Promise.resolve(),
    close() {
      put(groups.finish());
      connections.closeAll();
      closeSync(descriptor);
      return Promise.resolve();
    },
  };
}

interface OpenConnection {
  readonly tcp: SyntheticConnection;
  readonly host: string;
  lastAt: number;
}

const openLimit = 1000;

class Connections {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #open = new Map<string, OpenConnection>();
  readonly #servers = new Map<string, number>();
  readonly #clients = new Map<string, number>();
  #ports = 0;

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  put(group: EntryGroup): void {
    const { transaction } = group;
    const { request, response, startedAt, durationMs } = transaction;
    const connection = this.#connectionOf(transaction);
    const comment = `realmscope ${safeJson({ ...transactionMembers(transaction), ...eventMembers(group) })}`;
    const requestLine = `${request.method} ${request.target} ${version(request.version)}`;
    const sent = connection.tcp.send("client", rawMessage(requestLine, request.headers, request.body));
    for (const [index, packet] of sent.entries()) {
      // A packet reader shows the request with the last of its segments, before the acknowledgement.
      this.#write(packetBlock(packet, startedAt, index === sent.length - 2 ? comment : ""));
    }
    connection.lastAt = startedAt;
    if (response !== null) {
      const statusLine = `${version(response.version)} ${response.status} ${response.reason}`;
      connection.lastAt = startedAt + (durationMs ?? 0);
      this.#writeAll(
        connection.tcp.send("server", rawMessage(statusLine, response.headers, response.body)),
        connection.lastAt,
      );
    }
    // After a missing answer or a change of protocol the connection carries no further HTTP.
    if (response === null || response.status === 101) this.#close(transaction.connection);
  }

  closeAll(): void {
    for (const name of [...this.#open.keys()]) this.#close(name);
  }

  #connectionOf(transaction: HttpTransaction): OpenConnection {
    const { connection: name, host, startedAt } = transaction;
    const known = this.#open.get(name);
    if (known?.host === host) return known;
    if (known !== undefined) this.#close(name);
    if (this.#open.size >= openLimit) this.#close(this.#open.keys().next().value ?? "");
    const client = transaction.client.replace(/:\d{1,5}$/, "");
    const tcp = new SyntheticConnection(
      { address: inventAddress(10, this.#clients, client), port: 1024 + (this.#ports++ % 64_000) },
      // RFC 2544: 198.18.0.0/15 is reserved for benchmarks.
      { address: inventAddress(198, this.#servers, host), port: 80 },
    );
    const opened = { tcp, host, lastAt: startedAt };
    this.#open.set(name, opened);
    this.#writeAll(tcp.open(), startedAt);
    return opened;
  }

  #close(name: string): void {
    const connection = this.#open.get(name);
    if (connection === undefined) return;
    this.#open.delete(name);
    this.#writeAll(connection.tcp.close(), connection.lastAt);
  }

  #writeAll(packets: readonly Uint8Array[], at: number): void {
    for (const packet of packets) this.#write(packetBlock(packet, at));
  }
}

/** An invented address for a name, counted from one: 10.0.x.y for clients, 198.18.x.y for servers. */
function inventAddress(first: 10 | 198, names: Map<string, number>, name: string): Endpoint["address"] {
  const number = names.get(name) ?? names.size + 1;
  if (names.size < 60_000) names.set(name, number);
  return [first, first === 10 ? 0 : 18, (number >> 8) & 0xff, number & 0xff];
}

/** Packet readers recognise only HTTP/1 by its first line. */
function version(text: string): string {
  return /^HTTP\/1\.[01]$/.test(text) ? text : "HTTP/1.1";
}
