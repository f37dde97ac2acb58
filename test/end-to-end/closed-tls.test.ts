// A real TLS handshake on this machine, recorded between client and server and written as packets: HTTPS stays closed without keys.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { interfaceBlock, packetBlock, sectionBlock } from "../../src/sinks/formats/pcapng-blocks.ts";
import { SyntheticConnection } from "../../src/sinks/formats/synthetic-tcp.ts";
import { buildTestCertificate } from "../support/proxy-certificates.ts";
import { runCli } from "../support/run-cli.ts";

type Piece = readonly ["client" | "server", Buffer];

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** The bytes of one HTTPS call to a server of this name, as a relay between both sees them. */
async function recordCall(name: string): Promise<readonly Piece[]> {
  const { cert, key } = buildTestCertificate({ hosts: [name] });
  const pieces: Piece[] = [];
  const target = createTlsServer({ cert, key }, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"));
  });
  const targetPort = await listen(target);
  const relay = createServer((client: Socket) => {
    const server = connectTcp(targetPort, "127.0.0.1");
    for (const socket of [client, server]) socket.on("error", () => socket.destroy());
    client.on("data", (bytes) => pieces.push(["client", bytes]));
    server.on("data", (bytes) => pieces.push(["server", bytes]));
    client.pipe(server).pipe(client);
  });
  const port = await listen(relay);
  const call = connectTls({ host: "127.0.0.1", port, servername: name, rejectUnauthorized: false });
  call.write(`GET /EWS/Exchange.asmx HTTP/1.1\r\nHost: ${name}\r\n\r\n`);
  call.resume();
  await once(call, "close");
  return pieces;
}

const hasTshark = spawnSync("tshark", ["--version"]).status === 0;

test.runIf(hasTshark)(
  "a capture of packets with closed TLS names the connections, their hosts and what opens them",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "realmscope-closed-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const names = ["mail.contoso.example", "outlook.contoso.example", "mail.contoso.example"];
    const blocks = [sectionBlock("recorded", ""), interfaceBlock("lo")];
    for (const [at, name] of names.entries()) {
      const tcp = new SyntheticConnection(
        { address: [192, 0, 2, 7], port: 50_100 + at },
        { address: [192, 0, 2, 10], port: 443 },
      );
      const recorded = await recordCall(name);
      const packets = [...tcp.open(), ...recorded.flatMap(([from, bytes]) => tcp.send(from, bytes)), ...tcp.close()];
      blocks.push(...packets.map((packet, number) => packetBlock(packet, Date.UTC(2026, 0, 15) + at * 1000 + number)));
    }
    const path = join(folder, "closed.pcapng");
    writeFileSync(path, Buffer.concat(blocks));
    const { code, stdout, stderr } = await runCli(["replay", path]);
    expect(code).toBe(2);
    expect(stdout + stderr).toMatch(
      /HTTPS was not decrypted: 3 TLS connections to mail\.contoso\.example, outlook\.contoso\.example/,
    );
    expect(stdout + stderr).toMatch(/SSLKEYLOGFILE|secrets|keys/);
  },
);
