// Who calls whom, and through which interface. The called server decides the direction, never the caller: Exchange Online calls
// Exchange Server under the same application id as Exchange Server calls it.
import { microsoftHost } from "../core/microsoft-hosts.ts";
import type { Principal } from "../core/principals.ts";
import { wellKnownApplication } from "../core/well-known-applications.ts";
import type { ServiceEndpoint, TokenService } from "../decoders/facts.ts";

/** `inbound`: a service calls Exchange Server. `outbound`: Exchange Server calls the cloud, or Skype for Business Server. */
export type Direction = "inbound" | "outbound";

/** The interface that a call uses. */
export type Route = "ews" | "graph" | "rest" | "autodiscover" | "ucwa" | "mapi" | "activesync" | "other";

/** All routes, in the order in which they are listed. */
export const routes: readonly Route[] = ["ews", "graph", "rest", "autodiscover", "ucwa", "mapi", "activesync", "other"];

/** The parts of a handshake that tell its direction. */
export interface Called {
  readonly server: string;
  readonly route: Route | null;
  readonly caller: Principal | null;
  readonly tokenService: TokenService | null;
}

/** The direction of a handshake; null while only a token request without a known target was seen. */
export function directionOf({ server, route, caller, tokenService }: Called): Direction | null {
  const service = microsoftHost(server)?.service ?? null;
  if (service === "token-service") return directionOfRequest(caller?.id ?? "", tokenService);
  if (service !== null || route === "ucwa" || route === "graph") return "outbound";
  return "inbound";
}

// Only the token service was seen: the caller tells, as only Exchange Server's own application requests tokens of Entra.
function directionOfRequest(callerId: string, tokenService: TokenService | null): Direction | null {
  const role = wellKnownApplication(callerId)?.role;
  if (role === "caller") return "inbound";
  if (role === "exchange") return "outbound";
  return role === undefined && callerId !== "" && tokenService !== "acs" ? "outbound" : null;
}

/** The interface of an endpoint; null for a token service. */
export function routeOfEndpoint(endpoint: ServiceEndpoint): Route | null {
  switch (endpoint) {
    case "ews":
    case "ews-ws-security":
      return "ews";
    case "graph":
    case "rest":
    case "autodiscover":
    case "ucwa":
    case "mapi":
    case "activesync":
      return endpoint;
    case "sts-token":
    case "sts-metadata":
      return null;
    default:
      return "other";
  }
}

/** The route of a handshake after another call: discovery only prepares a call, so it counts where nothing else was called. */
export function nextRoute(before: Route | null, endpoint: ServiceEndpoint): Route | null {
  const now = routeOfEndpoint(endpoint);
  if (now === null || before === null) return before ?? now;
  return isTelling(now) || !isTelling(before) ? now : before;
}

function isTelling(route: Route): boolean {
  return route !== "autodiscover" && route !== "other";
}
