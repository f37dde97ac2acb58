// Reads what an application may do: the permissions that a resource offers and those that an administrator has consented to.
import type { Consented, OfferedRoles } from "../model/graph.ts";
import { Stop } from "../model/stop.ts";
import { type GraphAnswer, type GraphClient, readProperty } from "./graph-client.ts";
import { foreignAnswer } from "./graph-reasons.ts";

/** Pages of one list; Graph's pages hold 100 entries. */
const pageLimit = 50;

/** Reads the roles that a resource offers. Throws Stop. */
export async function readOfferedRoles(client: GraphClient, appId: string): Promise<OfferedRoles | null> {
  const path = `/v1.0/servicePrincipals(appId='${appId}')?$select=id,appId,appRoles`;
  const answer = await client({ method: "GET", path });
  if (answer.kind === "not-found") return null;
  const body = answer.kind === "ok" ? answer.body : null;
  const [id, roles] = [readProperty(body, "id"), readProperty(body, "appRoles")];
  if (typeof id !== "string" || !Array.isArray(roles)) throw new Stop(foreignAnswer(answer));
  return {
    id,
    roles: roles.flatMap((role: unknown) => {
      const [roleId, value] = [readProperty(role, "id"), readProperty(role, "value")];
      return typeof roleId === "string" && typeof value === "string" ? [{ id: roleId.toLowerCase(), value }] : [];
    }),
  };
}

/** Reads every page of an application's consents. Throws Stop, also for a list that does not end. */
export async function readConsents(client: GraphClient, appId: string): Promise<readonly Consented[] | null> {
  let path: string | null = `/v1.0/servicePrincipals(appId='${appId}')/appRoleAssignments`;
  const all: Consented[] = [];
  for (let page = 0; path !== null; page += 1) {
    const answer: GraphAnswer = await client({ method: "GET", path });
    if (answer.kind === "not-found" && page === 0) return null;
    const values = answer.kind === "ok" ? readProperty(answer.body, "value") : null;
    if (answer.kind !== "ok" || !Array.isArray(values) || page >= pageLimit) throw new Stop(foreignAnswer(answer));
    all.push(...values.flatMap((value: unknown) => consentOf(value)));
    path = pathOfNext(readProperty(answer.body, "@odata.nextLink"));
  }
  return all;
}

function consentOf(value: unknown): readonly Consented[] {
  const [resourceId, roleId] = [readProperty(value, "resourceId"), readProperty(value, "appRoleId")];
  if (typeof resourceId !== "string" || typeof roleId !== "string") return [];
  return [{ resourceId: resourceId.toLowerCase(), roleId: roleId.toLowerCase() }];
}

/** The path of the next page; the client sends it to its own origin, whatever host the link names. */
function pathOfNext(link: unknown): string | null {
  if (typeof link !== "string" || !URL.canParse(link)) return null;
  const { pathname, search } = new URL(link);
  return `${pathname}${search}`;
}
