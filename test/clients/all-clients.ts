import { browserClient } from "./browser-client.ts";
import type { Client } from "./client.ts";
import { commandLineClients } from "./command-line-clients.ts";
import { ownClients } from "./own-clients.ts";

/** Every client of the page, those included that this machine lacks. */
export async function allClients(): Promise<readonly Client[]> {
  const [commandLine, own, browser] = await Promise.all([commandLineClients(), ownClients(), browserClient()]);
  return [...commandLine, ...own, browser];
}

/** Every client in every test: minutes. `npm test` runs one or two of each kind, `.ci/run` all in a step of their own. */
export const runsAll = process.env.REALMSCOPE_CLIENTS === "all";

/** The named clients, and all others where all are run. */
export async function someClients(
  names: readonly string[],
  others: readonly string[] = [],
): Promise<readonly Client[]> {
  const wanted = runsAll ? [...names, ...others] : names;
  const all = await allClients();
  return wanted.map((name) => {
    const found = all.find((client) => client.name === name);
    if (found === undefined) throw new Error(`no client ${name}`);
    return found;
  });
}
