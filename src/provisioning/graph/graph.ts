// The port to Microsoft Graph: reads a service principal or application, and makes the changes of a plan without losing what
// others put there.

import type { GraphCall } from "../model/change.ts";
import type { Graph, GraphOutcome, ServicePrincipal } from "../model/graph.ts";
import { Stop } from "../model/stop.ts";
import { readConsents, readOfferedRoles } from "./consents.ts";
import type { GraphClient } from "./graph-client.ts";
import type { GraphContext } from "./graph-context.ts";
import { createWrittenKeys } from "./graph-context.ts";
import { foreignAnswer } from "./graph-reasons.ts";
import { addKeys, removeKeys } from "./key-credentials.ts";
import { applicationPath, readServicePrincipal, servicePrincipalPath } from "./service-principal.ts";
import { writeNames } from "./service-principal-names.ts";
import { createPrincipal, deletePrincipal } from "./whole-principal.ts";

export interface GraphOptions {
  readonly client: GraphClient;
  readonly actor: () => string;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/** Creates the port that steps and engine use. */
export function createGraph({ client, actor, now, wait }: GraphOptions): Graph {
  const readAt = async (path: string, appId: string): Promise<ServicePrincipal | null> => {
    const answer = await client({ method: "GET", path });
    if (answer.kind === "not-found") return null;
    const found = answer.kind === "ok" ? readServicePrincipal(answer.body) : null;
    // A cache in between may answer with the object of another request.
    if (found === null || found.appId.toLowerCase() !== appId.toLowerCase()) throw new Stop(foreignAnswer(answer));
    return found;
  };
  const read = (appId: string): Promise<ServicePrincipal | null> => readAt(servicePrincipalPath(appId), appId);
  const context: GraphContext = { client, read, writtenKeys: createWrittenKeys(), now, wait };

  return {
    read,
    readApplication: (appId) => readAt(applicationPath(appId), appId),
    readOfferedRoles: (appId) => readOfferedRoles(client, appId),
    readConsents: (appId) => readConsents(client, appId),
    expect: (appId, thumbprints) => context.writtenKeys.add(appId, thumbprints),
    actor,
    clockSkewMs: client.clockSkewMs,
    write: (call) => write(context, call),
  };
}

async function write(context: GraphContext, call: GraphCall): Promise<GraphOutcome> {
  switch (call.operation) {
    case "add-keys":
      return addKeys(context, call);
    case "remove-keys":
      return removeKeys(context, call);
    case "add-names":
    case "remove-names":
      return writeNames(context, call);
    case "create-service-principal":
      return createPrincipal(context, call.appId);
    case "delete-service-principal":
      return deletePrincipal(context, call);
  }
}
