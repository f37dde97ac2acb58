import { browserClients } from "./browser-client.ts";
import type { Client } from "./client.ts";
import { commandLineClients } from "./command-line-clients.ts";
import { dotnetClients, javaClients, nodeClients, pythonClients } from "./own-clients.ts";

/** Looked up, and built where needed, only when one of them is wanted: that takes longer than many a test. */
const groups: readonly { readonly names: RegExp; find(): Promise<readonly Client[]> }[] = [
  { names: /^(curl|wget|openssl)/, find: commandLineClients },
  { names: /^node/i, find: nodeClients },
  { names: /^Python/, find: pythonClients },
  { names: /^Java/, find: javaClients },
  { names: /^\.NET/, find: dotnetClients },
  { names: /^Chromium/, find: browserClients },
];

/** Every client of the page, those included that this machine lacks. */
export async function allClients(): Promise<readonly Client[]> {
  return (await Promise.all(groups.map(({ find }) => find()))).flat();
}

/** Every client in every test: minutes. `npm test` runs one or two of each kind, `.ci/run` all in a step of their own. */
export const runsAll = process.env.REALMSCOPE_CLIENTS === "all";

/** The named clients, and the others as well where all are run. */
export async function someClients(
  names: readonly string[],
  others: readonly string[] = [],
): Promise<readonly Client[]> {
  const wanted = runsAll ? [...names, ...others] : names;
  const needed = groups.filter((group) => wanted.some((name) => group.names.test(name)));
  const found = (await Promise.all(needed.map(({ find }) => find()))).flat();
  return wanted.map((name) => {
    const client = found.find((one) => one.name === name);
    if (client === undefined) throw new Error(`no client ${name}`);
    return client;
  });
}
