// Every client in every mode, each against its own direct calls.
import { type Difference, differences, type Run } from "./answers.ts";
import type { Client, Way } from "./client.ts";
import { type Origins, originName, type PlannedCall, plan } from "./origins.ts";
import { removeTrust, startWatched, type TrustFiles, type Watched, writeTrust } from "./watched.ts";

export const modes = [
  "forward, opened",
  "forward, out of scope",
  "reverse, own certificate",
  "reverse, inspection CA",
  "forward, `http://`",
  "forward, CA not trusted",
] as const;
export type Mode = (typeof modes)[number];

export interface Cell {
  readonly direct: Run;
  readonly through: Run;
  readonly differences: readonly Difference[];
}

export interface Row {
  readonly client: Client;
  /** Null where the client has no such mode. */
  readonly cells: Readonly<Record<Mode, Cell | null>>;
}

interface Setting {
  readonly origins: Origins;
  readonly files: TrustFiles;
  readonly forward: Watched;
  readonly reverse: Watched;
  readonly own: Watched;
}

const kinds = ["http1", "both", "http2"] as const;
const kindOf = (client: Client) => (client.protocol === "h2" ? "http2" : (client.protocol ?? "http1"));

/** Runs them one after the other: two at once would measure each other. */
export async function runMatrix(
  origins: Origins,
  clients: readonly Client[],
  onRow: (row: Row) => void = () => undefined,
): Promise<readonly Row[]> {
  const files = writeTrust(origins);
  const reverses = kinds.map((kind) => origins.ports[kind][0]);
  const inScope = [...reverses, origins.ports.plain[0]];
  const running: Watched[] = [];
  const start = async (options: Parameters<typeof startWatched>[2]): Promise<Watched> => {
    const watched = await startWatched(origins, files, options);
    running.push(watched);
    return watched;
  };
  try {
    // The host of a reverse listener's target is in scope with every port, so none is beside the forward listener.
    const setting = {
      ...{ origins, files },
      forward: await start({ inScope }),
      reverse: await start({ inScope, reverses }),
      own: await start({ inScope, reverses, hasOwnCertificate: true }),
    };
    const rows: Row[] = [];
    for (const client of clients) {
      if (client.version === null) continue;
      const row = { client, cells: await runCells(client, setting) };
      rows.push(row);
      onRow(row);
    }
    return rows;
  } finally {
    await Promise.all(running.map(({ watch }) => watch.stop()));
    removeTrust(files);
  }
}

/** The part of the plan that a client can make. */
export function callsOf(client: Client): readonly PlannedCall[] {
  return plan.filter(({ name }) => client.calls?.includes(name) ?? true);
}

async function runCells(client: Client, setting: Setting): Promise<Row["cells"]> {
  const { origins, files, forward, reverse, own } = setting;
  const kind = kindOf(client);
  const [port, again] = origins.ports[kind];
  const directly = (base: string): Promise<Run> =>
    client.run({ base, proxy: null, trust: files.origin }, callsOf(client));
  const direct = await directly(at(port));
  const cell = async (way: Way): Promise<Cell> => compare(client, direct, await client.run(way, callsOf(client)));
  const listener = ({ watch }: Watched): string => at(watch.reverses[kinds.indexOf(kind)] ?? 0);
  // A client that is passed through meets the target's own certificate; the others must do without its CA.
  const trusting = (watched: Watched): string => (kind === "http2" ? watched.trustBoth : watched.trust);
  const proxy = forward.watch.forward;
  return {
    "forward, opened": await cell({ base: at(port), proxy, trust: trusting(forward) }),
    "forward, out of scope": await cell({ base: at(again), proxy, trust: files.origin }),
    "reverse, own certificate": await cell({ base: listener(own), proxy: null, trust: files.origin }),
    "reverse, inspection CA": await cell({ base: listener(reverse), proxy: null, trust: trusting(reverse) }),
    "forward, `http://`": client.hasNoPlain === true ? null : await plainCell(client, setting, directly),
    "forward, CA not trusted": await untrustingCell(client, setting, direct),
  };
}

function at(port: number, scheme = "https"): string {
  return `${scheme}://${originName}:${port}`;
}

function compare(client: Client, direct: Run, through: Run, isPlain = false): Cell {
  const names = callsOf(client).map(({ name }) => name);
  return { direct, through, differences: differences(direct, through, { isPlain, names }) };
}

async function plainCell(
  client: Client,
  { origins, files, forward }: Setting,
  directly: (base: string) => Promise<Run>,
): Promise<Cell> {
  const base = at(origins.ports.plain[0], "http");
  const direct = await directly(base);
  const through = await client.run({ base, proxy: forward.watch.forward, trust: files.origin }, callsOf(client));
  return compare(client, direct, through, true);
}

/** With a `watch` of its own: what the proxy remembers of one program must not serve the next. */
async function untrustingCell(client: Client, { origins, files }: Setting, direct: Run): Promise<Cell> {
  const port = origins.ports[kindOf(client)][0];
  const alone = await startWatched(origins, files, { inScope: [port] });
  try {
    const way = { base: at(port), proxy: alone.watch.forward, trust: files.origin };
    return compare(client, direct, await client.run(way, callsOf(client)));
  } finally {
    await alone.watch.stop();
  }
}
