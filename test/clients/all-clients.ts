import { browserClient } from "./browser-client.ts";
import type { Client } from "./client.ts";
import { commandLineClients } from "./command-line-clients.ts";
import { ownClients } from "./own-clients.ts";

/** Every client of the page, those included that this machine lacks. */
export async function allClients(): Promise<readonly Client[]> {
  const [commandLine, own, browser] = await Promise.all([commandLineClients(), ownClients(), browserClient()]);
  return [...commandLine, ...own, browser];
}
