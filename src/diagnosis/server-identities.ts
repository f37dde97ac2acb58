// Which servers still call the cloud as the shared service principal while others use the dedicated hybrid application. Servers are
// told apart by the address of the client: Exchange's own calls to the cloud show no build, as far as public sources say.
import { printable } from "../core/printable-text.ts";
import { clientAddress } from "../handshake/conversation.ts";
import type { Finding, FindingReport } from "./catalogue/finding.ts";
import { explain } from "./catalogue/finding.ts";
import { identityOf } from "./rules/judge-hybrid-app.ts";
import type { RuleInput } from "./rules/rule.ts";

export interface ServerIdentities {
  add(input: RuleInput): void;
  findings(): readonly FindingReport[];
}

interface Server {
  /** Numbers of the last call as the shared principal and of the first one as the tenant's application; 0 for none. */
  lastShared: number;
  firstOwn: number;
  readonly evidence: string[];
}

const serverLimit = 256;
const listedLimit = 8;
const evidenceLimit = 20;

/** Collects the identities of the servers, in bounded memory. */
export function startServerIdentities(): ServerIdentities {
  const servers = new Map<string, Server>();
  let number = 0;
  const serverAt = (address: string): Server | null => {
    const known = servers.get(address);
    if (known !== undefined || servers.size >= serverLimit) return known ?? null;
    const server: Server = { lastShared: 0, firstOwn: 0, evidence: [] };
    servers.set(address, server);
    return server;
  };
  return {
    add(input) {
      const identity = identityOf(input);
      const address = identity === null ? "" : clientAddress(input.transaction);
      const server = address === "" ? null : serverAt(address);
      if (server === null) return;
      number += 1;
      if (identity === "own") server.firstOwn ||= number;
      else {
        server.lastShared = number;
        if (server.evidence.length < evidenceLimit) server.evidence.push(input.transaction.id);
      }
    },
    findings() {
      const shared = [...servers].filter(([, server]) => isStillShared(server));
      const hasMoved = [...servers.values()].some(({ firstOwn }) => firstOwn > 0);
      if (shared.length === 0 || !hasMoved) return [];
      const finding: Finding = {
        code: "SERVERS_STILL_SHARED",
        servers: shared.slice(0, listedLimit).map(nameOf).join(", "),
        more: Math.max(0, shared.length - listedLimit),
        movedCount: [...servers.values()].filter((server) => server.firstOwn > 0 && !isStillShared(server)).length,
      };
      const evidence = shared.flatMap(([, server]) => server.evidence).slice(0, evidenceLimit);
      return [{ ...explain(finding), evidence, count: Math.max(1, evidence.length) }];
    },
  };
}

/** A server that moved during the capture used the shared principal before, never after. */
function isStillShared({ lastShared, firstOwn }: Server): boolean {
  return lastShared > firstOwn;
}

function nameOf([address, { firstOwn }]: readonly [string, Server]): string {
  const client = `client ${printable(address)}`;
  return firstOwn === 0 ? client : `${client} (both in turn: several servers behind one address?)`;
}
