// The dedicated hybrid application: whether it is the one that was named, and whether its tokens carry the permissions that the
// calls of Exchange Server need.
import { isExchangeOnline } from "../../core/microsoft-hosts.ts";
import { isGuid } from "../../core/principals.ts";
import type { S2sToken, ServiceEndpoint, TokenRequest } from "../../decoders/facts.ts";
import { assertionOf, issuedToken, presentedToken } from "../../handshake/role.ts";
import { applicationKind, type CloudResource, cloudResource } from "../catalogue/application-kind.ts";
import type { Finding } from "../catalogue/finding.ts";
import {
  type GraphPermission,
  graphPermissions,
  isGranted,
  permissionFor,
  rolesOf,
} from "../catalogue/graph-permissions.ts";
import { requestPartiesOf } from "./judge-sts.ts";
import { callerText, cloudServiceOf, noFindings, type Rule, type RuleInput, tenantApplication } from "./rule.ts";

type Service = CloudResource["service"];

/** The permission of EWS in Exchange Online, as an entry like those of Graph. */
const fullAccess: GraphPermission = {
  permission: "full_access_as_app",
  family: "unknown",
  feature: "access to mailboxes in Exchange Online over EWS",
  others: [],
};
// Permissions of Exchange Online for other interfaces: a token that carries one of them serves another program.
const otherPrograms = /^(?:Exchange\.ManageAsApp(?:V2)?|(?:IMAP|POP)\.AccessAsApp|SMTP\.SendAsApp)$/i;

/** The application of a call to the cloud, or of a token request for it. */
export const judgeHybridApp: Rule = (input) => {
  const { role } = input.correlation;
  if (role === "call") return judgeCall(input);
  return role === "token-request" ? judgeRequest(input) : noFindings;
};

function judgeCall({ facts, host, hybridApp, realm }: RuleInput): readonly Finding[] {
  const token = presentedToken(facts);
  const service = cloudServiceOf(host);
  if (token === null || service === null || tenantApplication(token, host) === "") return noFindings;
  if (isOther(token, hybridApp)) return judgeOtherId(token, { host, hybridApp, realm });
  if (!isHybridAppCall(facts.endpoint)) return noFindings;
  const isKnownCall = permissionFor(facts.graph?.family ?? "unknown") !== null;
  return judgeRoles(token, { service, hybridApp, isPasted: false, isKnownCall });
}

// Exchange Server calls Exchange Online over EWS and Autodiscover; other interfaces have other permissions.
function isHybridAppCall(endpoint: ServiceEndpoint): boolean {
  return endpoint === "ews" || endpoint === "autodiscover" || endpoint === "graph";
}

function judgeRequest({ facts, hybridApp, realm }: RuleInput): readonly Finding[] {
  const issued = issuedToken(facts);
  if (issued !== null && tenantApplication(issued) !== "")
    return judgeHybridAppToken(issued, { hybridApp, realm }, false);
  return judgeRequestedId(facts.tokenRequest, assertionOf(facts), hybridApp);
}

/** Whether a token request for the cloud is of the application that was named; also for a pasted one. */
export function judgeRequestedId(
  request: TokenRequest | null,
  assertion: S2sToken | null,
  hybridApp: string | null,
): readonly Finding[] {
  const resource = cloudResource(request?.resource ?? null);
  if (assertion === null || resource === null || tenantApplication(assertion) === "") return noFindings;
  const { callerId } = requestPartiesOf(request, assertion);
  if (hybridApp === null || callerId === hybridApp || assertion.caller?.name !== null) return noFindings;
  return [{ code: "HYBRID_APP_OTHER_ID", seen: callerId, expected: hybridApp, host: resource.host }];
}

interface Expected {
  readonly hybridApp: string | null;
  readonly realm: string | null;
}

/** The same rules for one token, by its audience; also for a pasted one. */
export function judgeHybridAppToken(
  token: S2sToken,
  { hybridApp, realm }: Expected,
  isPasted: boolean,
): readonly Finding[] {
  const resource = cloudResource(token.audience);
  if (resource === null || tenantApplication(token) === "") return noFindings;
  const { host, service } = resource;
  if (isOther(token, hybridApp)) return judgeOtherId(token, { host, hybridApp, realm });
  return judgeRoles(token, { service, hybridApp, isPasted, isKnownCall: false });
}

function isOther({ caller }: S2sToken, hybridApp: string | null): boolean {
  return hybridApp !== null && caller?.id !== hybridApp;
}

function judgeOtherId(token: S2sToken, { host, hybridApp, realm }: Expected & { readonly host: string }) {
  const { caller, tenant } = token;
  // A named application is known to be another program, and that of another tenant is not compared.
  const isNamed = caller === null || caller.name !== null;
  const isOtherTenant =
    realm !== null && isGuid(realm) && isGuid(tenant) && realm.toLowerCase() !== tenant.toLowerCase();
  if (hybridApp === null || isNamed || isOtherTenant) return noFindings;
  return [{ code: "HYBRID_APP_OTHER_ID", seen: caller.id, expected: hybridApp, host } as const];
}

interface RoleQuestion {
  readonly service: Service;
  readonly hybridApp: string | null;
  readonly isPasted: boolean;
  /** A call to Graph that Exchange Server makes. */
  readonly isKnownCall: boolean;
}

function judgeRoles(token: S2sToken, { service, hybridApp, isPasted, isKnownCall }: RoleQuestion): readonly Finding[] {
  const roles = rolesOf(token);
  if (roles === null) return noFindings;
  const needed = service === "graph" ? graphPermissions : [fullAccess];
  const missing = needed.filter((permission) => !isGranted(permission, roles));
  const isCertain = isKnownCall || hybridApp !== null || token.caller?.name !== null;
  if (missing.length === 0 || (!isCertain && isAnotherProgram(service, roles, missing.length))) return noFindings;
  return [
    {
      code: "HYBRID_APP_ROLE_MISSING",
      caller: callerText(token),
      callerId: token.caller?.id ?? "",
      resource: service,
      missing: missing.map(({ permission }) => permission).join(", "),
      features: missing.map(({ feature }) => feature).join(", "),
      isPasted,
    },
  ];
}

/** True when the roles show another program of the tenant, while no configuration says whose application it is. */
export function isAnotherProgram(service: Service, roles: readonly string[], missing: number): boolean {
  if (service === "exchange-online") return roles.some((role) => otherPrograms.test(role));
  return roles.length > 0 && missing === graphPermissions.length;
}

/** True when a refused call lacks the permission that it needs; then HYBRID_APP_ROLE_MISSING is an error. */
export function isRefusedForRole({ transaction, facts, host, correlation }: RuleInput): boolean {
  // A bare 403 is how both services refuse a permission; the gate of EWS names itself in the answer.
  const isForbidden = transaction.response?.status === 403 && facts.policyReason === "";
  if (correlation.outcome !== "refused" && !isForbidden) return false;
  const token = presentedToken(facts);
  const roles = token === null ? null : rolesOf(token);
  if (roles === null) return false;
  if (isExchangeOnline(host)) return !isGranted(fullAccess, roles);
  const wanted = permissionFor(facts.graph?.family ?? "unknown");
  return wanted === null ? facts.graph?.error?.cause === "permission" : !isGranted(wanted, roles);
}

/** The application of a call or token request to the cloud, else empty. */
function cloudCaller({ facts, host, correlation }: RuleInput): string {
  if (correlation.role === "call") {
    const id = presentedToken(facts)?.caller?.id ?? "";
    return cloudServiceOf(host) === null ? "" : id;
  }
  if (correlation.role !== "token-request" || cloudResource(facts.tokenRequest?.resource ?? null) === null) return "";
  return requestPartiesOf(facts.tokenRequest, assertionOf(facts)).callerId;
}

/** Which identity a server shows to the cloud: `shared` the shared service principal, `own` the tenant's application. */
export function identityOf(input: RuleInput): "shared" | "own" | null {
  const id = cloudCaller(input);
  const kind = applicationKind(id);
  if (kind === "exchange") return "shared";
  return kind === "own" && (input.hybridApp === null || input.hybridApp === id) ? "own" : null;
}
