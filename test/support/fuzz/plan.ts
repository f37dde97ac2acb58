// One conversation of a run: which way it goes, and what both ends do.
import { randomAnswer, randomRequest, randomUpgradeAnswer } from "./messages.ts";
import { type Accident, inPieces, randomAccident, type Step, withBadEnd } from "./play.ts";
import { Random } from "./random.ts";

export type Kind =
  | "opened"
  | "reverse"
  | "passed"
  | "not-tls"
  | "plain"
  | "upgrade"
  | "offer"
  | "mixed"
  | "refused"
  | "garbage";

export interface Plan {
  readonly index: number;
  readonly kind: Kind;
  /** Both ends do all that is right, and what arrives must be what was sent. */
  readonly isGood: boolean;
  /** Through the proxy that itself goes through another one. */
  readonly isChained: boolean;
  /** CONNECT before anything else. */
  readonly connectTo: string | null;
  /** Whether the client waits for the answer to its CONNECT. */
  readonly waitsForTunnel: boolean;
  readonly client: PlannedSide;
  readonly server: PlannedSide;
  /** What the other proxy does with a CONNECT: bytes to answer, then to go on or to break. */
  readonly chain: { readonly answer: Buffer; readonly goesOn: boolean };
  /** What each end must have received in the end; of an upgrade the server's is the end of it. */
  readonly expected: { readonly byClient: Buffer; readonly byServer: Buffer } | null;
  /** The client stays when all is said, and leaves its connection to the proxy. */
  readonly staysOpen: boolean;
}

interface PlannedSide {
  /** `raw` bytes on the TCP connection, or the steps inside TLS, or an HTTP server of Node's own. */
  readonly over: "raw" | "tls" | "http";
  readonly steps: readonly Step[];
  readonly accident: Accident | null;
}

const kinds: readonly Kind[] = [
  ...(["opened", "opened", "reverse", "reverse", "passed", "passed", "not-tls"] as const),
  ...(["plain", "plain", "plain", "plain", "upgrade", "upgrade", "upgrade", "offer", "mixed"] as const),
  ...(["refused", "refused", "garbage"] as const),
];
const goodKinds: readonly Kind[] = ["opened", "reverse", "passed", "plain", "upgrade"];

const established = Buffer.from("HTTP/1.1 200 Connection established\r\n\r\n");

/** The conversation with this number of a run; `name` is the host whose origin plays the server. */
export function planConversation(seed: number, index: number, { name, hello }: { name: string; hello: Buffer }): Plan {
  const random = new Random(seed, index);
  const isGood = random.chance(0.3);
  const kind = random.pick(isGood ? goodKinds : kinds);
  const isChained = kind !== "reverse" && random.chance(0.25);
  const base = { index, kind, isGood, isChained, waitsForTunnel: true, connectTo: connectTarget(random, kind, name) };
  const chain = { answer: established, goesOn: true };
  if (isGood) return { ...base, ...goodSides(random, kind, name), chain, staysOpen: false };
  return {
    ...base,
    waitsForTunnel: random.chance(0.7),
    client: { ...badClient(random, kind, { name, hello }), accident: randomAccident(random) },
    server: { ...badServer(random, kind), accident: randomAccident(random) },
    chain: random.chance(0.6) ? chain : badChain(random),
    expected: null,
    staysOpen: random.chance(0.02),
  };
}

function connectTarget(random: Random, kind: Kind, name: string): string | null {
  if (kind === "opened" || kind === "not-tls") return `${name}:443`;
  if (kind === "passed") return `${name.replace(".fuzz.", ".pass.")}:443`;
  if (kind !== "refused" || random.chance(0.3)) return null;
  return random.pick([
    "169.254.1.1:443",
    "/",
    "127.0.0.1:443",
    "constructor:443",
    "x:99999",
    "[::1",
    "127.0.0.1:22",
    "é:443",
  ]);
}

const upgradeRequest = (name: string): Buffer =>
  Buffer.from(
    `GET http://${name}/w HTTP/1.1\r\nHost: ${name}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n`,
  );
const switching = Buffer.from(
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s\r\n\r\n",
);

function goodSides(random: Random, kind: Kind, name: string): Pick<Plan, "client" | "server" | "expected"> {
  const [up, down] = [goodBytes(random), goodBytes(random)];
  const none = { accident: null };
  if (kind === "plain") {
    // Its ends are Node's own client and server.
    return {
      client: { over: "http", steps: [{ does: "send", bytes: up }], ...none },
      server: { over: "http", steps: [{ does: "send", bytes: down }], ...none },
      expected: { byClient: down, byServer: up },
    };
  }
  if (kind === "upgrade") {
    const byClient = Buffer.concat([switching, down]);
    const client: Step[] = [
      { does: "send", bytes: upgradeRequest(name) },
      { does: "await", bytes: switching.length },
      ...inPieces(random, up),
      { does: "end" },
    ];
    const server: Step[] = [
      { does: "await", bytes: 1 },
      { does: "send", bytes: switching },
      ...inPieces(random, down),
      { does: "end" },
    ];
    return {
      client: { over: "raw", steps: client, ...none },
      server: { over: "raw", steps: server, ...none },
      expected: { byClient, byServer: up },
    };
  }
  const over = kind === "passed" ? "raw" : "tls";
  const waits: readonly Step[] = random.chance(0.5) ? [{ does: "await", bytes: 1 + random.below(up.length) }] : [];
  return {
    client: { over, steps: [...inPieces(random, up), { does: "end" }], ...none },
    server: { over, steps: [...waits, ...inPieces(random, down), { does: "end" }], ...none },
    expected: { byClient: down, byServer: up },
  };
}

function goodBytes(random: Random): Buffer {
  const size = 1 + random.below(random.chance(0.05) ? 300_000 : 3000);
  // Not what an HTTP message begins with: nothing is a protocol here.
  return Buffer.alloc(size, random.bytes(1 + random.below(40)));
}

function badClient(
  random: Random,
  kind: Kind,
  { name, hello }: { name: string; hello: Buffer },
): Omit<PlannedSide, "accident"> {
  const steps = withBadEnd(random, clientSteps(random, kind, name));
  const speaksTls = kind === "opened" || kind === "reverse";
  if (!speaksTls) return { over: "raw", steps };
  if (random.chance(0.6)) return { over: "tls", steps };
  return { over: "raw", steps: withBadEnd(random, inPieces(random, badHello(random, hello))) };
}

function badHello(random: Random, hello: Buffer): Buffer {
  if (random.chance(0.5)) return hello.subarray(0, random.below(hello.length + 1));
  const copy = Buffer.from(hello);
  for (let count = 1 + random.below(4); count > 0; count -= 1) copy[random.below(copy.length)] = random.below(256);
  return random.chance(0.8) ? copy : Buffer.concat([copy, random.bytes(random.below(300))]);
}

function clientSteps(random: Random, kind: Kind, name: string): Step[] {
  const url = `http://${name}/${random.below(1000)}`;
  const request = (): Buffer => randomRequest(random, random.pick(["/EWS/Exchange.asmx", "/", url]));
  switch (kind) {
    case "plain":
      return inPieces(
        random,
        Buffer.concat(Array.from({ length: 1 + random.below(3) }, () => randomRequest(random, url))),
      );
    case "upgrade":
      return inPieces(random, Buffer.concat([upgradeRequest(name), random.bytes(random.below(50))]));
    case "offer": {
      const offer = upgradeRequest(name).toString().replace("Upgrade: websocket", "Upgrade: h2c");
      return inPieces(random, Buffer.from(offer.repeat(1 + random.below(4))));
    }
    case "mixed": {
      const second = random.pick([upgradeRequest(name), Buffer.from(`CONNECT ${name}:443 HTTP/1.1\r\n\r\n`)]);
      return inPieces(random, Buffer.concat([randomRequest(random, url), second, randomRequest(random, url)]));
    }
    case "refused": {
      const denied = random.pick(["http://169.254.1.1/", "http://127.0.0.1:22/", "/", "https://x/", "http://a@b/"]);
      const asked = upgradeRequest(name)
        .toString()
        .replace(/http:\/\/\S+/, denied);
      return inPieces(random, random.chance(0.5) ? Buffer.from(asked) : randomRequest(random, denied));
    }
    case "garbage":
      return inPieces(random, random.bytes(random.below(400)));
    default:
      return [...inPieces(random, request()), { does: "listen" }, ...inPieces(random, request())];
  }
}

function badServer(random: Random, kind: Kind): Omit<PlannedSide, "accident"> {
  const answer = kind === "upgrade" ? randomUpgradeAnswer(random) : randomAnswer(random);
  const first: readonly Step[] = random.chance(0.8) ? [{ does: "listen" }] : [];
  const steps = withBadEnd(random, [...first, ...inPieces(random, answer)]);
  const speaksTls = kind === "opened" || kind === "reverse";
  return { over: speaksTls && random.chance(0.6) ? "tls" : "raw", steps };
}

function badChain(random: Random): Plan["chain"] {
  const answers = [
    "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM\r\n\r\n",
    "HTTP/1.1 200 OK\r\n\r\nwords",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 2",
    "SSH-2.0-x\r\n\r\n",
    "",
  ];
  return { answer: Buffer.from(random.pick(answers)), goesOn: random.chance(0.4) };
}
