// The owner of an application id, as far as remedies depend on it; the tenant's own application as a caller of the cloud.
import { microsoftHost } from "../../core/microsoft-hosts.ts";
import { isGuid, type Principal } from "../../core/principals.ts";
import { wellKnownApplication } from "../../core/well-known-applications.ts";
import { wellKnownClient } from "../../core/well-known-clients.ts";

/** The shared first-party service principal of Exchange Online; Exchange Server called with it until October 2025. */
export const exchangeId = "00000002-0000-0ff1-ce00-000000000000";

/** The legacy application of Skype for Business Online. */
export const skypeId = "00000004-0000-0ff1-ce00-000000000000";

/**
 * `exchange` the shared principal; `service` one that the procedure sets up; `microsoft` another one of Microsoft's; `person` a
 * program of a person; `own` any other id, such as the tenant's dedicated hybrid application; `unknown` no id at all.
 */
export type ApplicationKind = "exchange" | "service" | "microsoft" | "person" | "own" | "unknown";

const ofProcedure: ReadonlySet<string> = new Set([
  skypeId,
  "7557eb47-c689-4224-abcf-aef9bd7573df",
  "db7de2b5-2149-435e-8043-e080dd50afae",
]);

/** A placeholder id of an `own` application, for the examples of the catalogue. */
export const sampleApplicationId = "ffffffff-ffff-4fff-8fff-ffffffffffff";

/** The kind of an application id in lower case. A name in the configuration does not change it. */
export function applicationKind(id: string): ApplicationKind {
  if (!isGuid(id)) return "unknown";
  if (id === exchangeId) return "exchange";
  if (ofProcedure.has(id)) return "service";
  if (wellKnownClient(id) !== undefined) return "person";
  return wellKnownApplication(id) === undefined ? "own" : "microsoft";
}

const graphId = "00000003-0000-0000-c000-000000000000";

/** A service of the cloud as the audience of a token or the resource of a token request. */
export interface CloudResource {
  readonly service: "exchange-online" | "graph";
  /** The host in lower case; the name of the service where Entra has its application id alone. */
  readonly host: string;
}

/** Exchange Online or Microsoft Graph, by a host of any cloud or by the bare application id; null for any other resource. */
export function cloudResource(resource: Principal | null): CloudResource | null {
  if (resource === null) return null;
  const { id, host } = resource;
  if (host !== null) {
    const service = microsoftHost(host)?.service;
    return service === "exchange-online" || service === "graph" ? { service, host } : null;
  }
  if (id === exchangeId) return { service: "exchange-online", host: "Exchange Online" };
  return id === graphId ? { service: "graph", host: "Microsoft Graph" } : null;
}

/** Words for such an application where the configuration gives it no name; `hybridApp`: the dedicated one is known and another. */
export function tenantApplicationName(hybridApp: string | null): string {
  return hybridApp === null
    ? "an application of this tenant (dedicated hybrid application?)"
    : "an application of this tenant, not your dedicated hybrid application";
}
