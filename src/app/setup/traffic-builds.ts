// The builds of Exchange that captured answers name in X-OWA-Version, for servers whose files cannot be read from here.
import { exchangeBuild } from "../../core/exchange-builds.ts";
import { firstHeader } from "../../core/headers.ts";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { SeenBuild } from "../../provisioning/gates/builds.ts";
import { readInto, singleFile } from "../reading/capture-group.ts";

/** Servers of one capture; more are not kept. */
const serverLimit = 1000;

/** Reads a capture as it is now: each server's last build. Throws ToolError when the file is not a capture. */
export async function readBuilds(path: string): Promise<readonly SeenBuild[]> {
  let builds = new Map<string, SeenBuild>();
  await readInto(singleFile(path), () => {
    builds = new Map();
    return ({ event }) => {
      const seen = event.kind === "transaction" ? buildOf(event.transaction) : null;
      if (seen !== null && (builds.size < serverLimit || builds.has(seen.server))) builds.set(seen.server, seen);
    };
  });
  return [...builds.values()];
}

/** Null for an answer without the header, and for one of Exchange Online, whose version is not a build of Exchange Server. */
function buildOf({ response, host }: HttpTransaction): SeenBuild | null {
  if (response === null) return null;
  const version = firstHeader(response.headers, "x-owa-version") ?? "";
  if (exchangeBuild(version) === null) return null;
  const named = (field: string): string =>
    /^[A-Za-z0-9._-]{1,64}$/.exec(firstHeader(response.headers, field) ?? "")?.[0] ?? "";
  const [front, back] = [named("x-feserver"), named("x-beserver") || named("x-calculatedbetarget")];
  // Where a front end relayed the request, the header does not say whose build it is: then only the host is named.
  const isOne =
    front !== "" && (back === "" || back.split(".")[0]?.toLowerCase() === front.split(".")[0]?.toLowerCase());
  return { server: (isOne ? front : host).toLowerCase(), version };
}
