// Gathers the evidence of `readiness` in one pass over what the analysis computes for each transaction: O(1) a transaction, every
// list bounded.
import { microsoftHost } from "../../core/microsoft-hosts.ts";
import type { Principal } from "../../core/principals.ts";
import type { TransactionFacts } from "../../decoders/facts.ts";
import { tokenServiceOf } from "../../decoders/tokens/token-service.ts";
import { placeOf } from "../../handshake/conversation.ts";
import { routeOfEndpoint } from "../../handshake/direction.ts";
import { ewsPolicyOf } from "../../handshake/ews-policy.ts";
import { signInAnswer } from "../../handshake/reduce.ts";
import { issuedToken, presentedToken } from "../../handshake/role.ts";
import { routeOf } from "../../handshake/signals.ts";
import { cloudResource, exchangeId } from "../catalogue/application-kind.ts";
import { permissionFor, rolesOf } from "../catalogue/graph-permissions.ts";
import type { CloudCalls, CloudService, ReadinessCollector, SeenGrant } from "../readiness-evidence.ts";
import type { RuleInput } from "../rules/rule.ts";
import { isAnotherProgramsToken, startRequestCollector } from "./collect-requests.ts";
import {
  type AnswersDraft,
  type CallAnswer,
  copyAnswers,
  copySightings,
  newAnswers,
  newSightings,
  noteAnswer,
  noteFirst,
  type SightingList,
  type SightingsDraft,
  startSightingList,
} from "./sightings.ts";

type Named<Part, Rest> = { readonly part: Omit<Part, keyof Rest>; readonly rest: Rest };
type Drafts<Part> = SightingList<Named<Part, AnswersDraft>>;

interface Lists {
  readonly calls: Drafts<CloudCalls>;
  readonly grants: Drafts<SeenGrant>;
  readonly servers: SightingList<{ readonly name: string; readonly build: string; readonly answers: SightingsDraft }>;
}

/** Starts to collect; feed it every transaction in order. */
export function startReadinessCollector(): ReadinessCollector {
  const lists: Lists = {
    calls: startSightingList(512),
    grants: startSightingList(128),
    servers: startSightingList(256),
  };
  const requests = startRequestCollector();
  return {
    add(input) {
      const service = cloudServiceOf(input.host);
      if (input.correlation.role === "token-request") {
        requests.add(input);
        addIssuedGrant(lists, input);
      } else if (service !== null) addCloudCall(lists, input, service);
      else addServer(lists, input);
    },
    evidence: () => ({
      calls: lists.calls.all().map(({ part, rest }) => ({ ...part, ...copyAnswers(rest) })),
      grants: lists.grants.all().map(({ part, rest }) => ({ ...part, ...copyAnswers(rest) })),
      requests: requests.all(),
      servers: lists.servers
        .all()
        .map(({ name, build, answers }) => ({ name, build, answers: copySightings(answers) })),
      beyond:
        requests.beyond + Object.values(lists).reduce((sum: number, { beyond }: { beyond: number }) => sum + beyond, 0),
    }),
  };
}

/** The Microsoft service behind a host that Exchange Server calls; null for every other host. */
function cloudServiceOf(host: string): CloudService | null {
  const service = microsoftHost(host)?.service;
  return service === "exchange-online" || service === "graph" ? service : null;
}

/** A server of Exchange on premises is recognised by the build in its answers. */
function addServer({ servers }: Lists, { transaction, facts, host }: RuleInput): void {
  if (facts.exchangeVersion === "") return;
  const name = (routeOf(transaction)?.front || host).slice(0, 256);
  const build = facts.exchangeVersion;
  const seen = servers.at([name, build], () => ({ name, build, answers: newSightings() }));
  if (seen !== null) noteFirst(seen.answers, transaction.id);
}

function addCloudCall(lists: Lists, input: RuleInput, service: CloudService): void {
  const { role } = input.correlation;
  if ((role === "call" && isServersCall(input, service)) || role === "federation")
    addServerCall(lists, input, { service, answer: answerOf(input) });
}

/**
 * False for a call of another program of the tenant. Where nobody named the application, the call itself must be one that Exchange
 * Server makes.
 */
function isServersCall({ facts, hybridApp }: RuleInput, service: CloudService): boolean {
  const token = presentedToken(facts);
  const { id, name } = callerOf(facts);
  if (token === null || id === exchangeId || id === hybridApp || name !== null) return true;
  if (isAnotherProgramsToken(token, service)) return false;
  const { endpoint, graph } = facts;
  return service === "graph" ? graph?.family !== "unknown" : endpoint === "ews" || endpoint === "autodiscover";
}

function callerOf(facts: TransactionFacts): Pick<Principal, "id" | "name"> {
  return presentedToken(facts)?.caller ?? { id: "", name: null };
}

interface ServerCall {
  readonly service: CloudService;
  readonly answer: CallAnswer;
}

function addServerCall(lists: Lists, { facts, correlation, host, transaction }: RuleInput, call: ServerCall): void {
  const { service, answer } = call;
  const token = presentedToken(facts);
  const { id: caller, name: callerName } = callerOf(facts);
  const { client } = placeOf(transaction, facts);
  const signIn = correlation.role === "call" ? "token" : "federation";
  const build = buildOf(facts.userAgent);
  const route = routeOfEndpoint(facts.endpoint) ?? "other";
  const tokenService = token === null ? null : tokenServiceOf(token);
  const part = { client, build, caller, callerName, signIn, tokenService, service, host, route } as const;
  note(lists.calls, [client, build, caller, signIn, tokenService ?? "", host, route], part, answer);
  const roles = token === null || !isEntra(tokenService) ? null : rolesOf(token);
  const wanted =
    service === "graph" ? (permissionFor(facts.graph?.family ?? "unknown")?.permission ?? "") : ewsPermission;
  if (roles !== null) addGrant(lists, { caller, service, wanted, roles }, answer);
}

function isEntra(service: ReturnType<typeof tokenServiceOf>): boolean {
  return service === "entra-v1" || service === "entra-v2";
}

/** The permission of EWS in Exchange Online. */
export const ewsPermission = "full_access_as_app";

const roleLimit = 32;

/** The permissions of a token that the token service issued: they are known before any call. */
function addIssuedGrant(lists: Lists, { facts, transaction }: RuleInput): void {
  const token = issuedToken(facts);
  if (token === null || !isEntra(tokenServiceOf(token))) return;
  const roles = rolesOf(token);
  const service = cloudResource(token.audience)?.service ?? null;
  if (roles === null || service === null) return;
  const at = transaction.startedAt + (transaction.durationMs ?? 0);
  const caller = token.caller?.id ?? "";
  addGrant(
    lists,
    { caller, service, wanted: "", roles },
    { id: transaction.id, at, outcome: "undecided", status: null, policy: null },
  );
}

function addGrant(
  lists: Lists,
  grant: Pick<SeenGrant, "caller" | "service" | "wanted" | "roles">,
  answer: CallAnswer,
): void {
  const roles = [...grant.roles]
    .map((role) => role.slice(0, 128))
    .sort()
    .slice(0, roleLimit);
  note(lists.grants, [grant.caller, grant.service, grant.wanted, roles.join(" ")], { ...grant, roles }, answer);
}

function note<Part>(
  list: Drafts<Part>,
  key: readonly string[],
  part: Omit<Part, keyof AnswersDraft>,
  answer: CallAnswer,
): void {
  const entry = list.at(key, () => ({ part, rest: newAnswers() }));
  if (entry !== null) noteAnswer(entry.rest, answer);
}

/** The answer of a service; a 403 counts as a refusal here, whether of the token, of a permission or of a policy. */
function answerOf({ transaction, facts, correlation, host }: RuleInput): CallAnswer {
  const { id, startedAt, durationMs, response } = transaction;
  const at = startedAt + (durationMs ?? 0);
  const status = response?.status ?? null;
  const policy = facts.policyReason === "" ? null : ewsPolicyOf(facts.policyReason, host);
  if (status === 401 || status === 403) return { id, at, outcome: "refused", status, policy };
  return { id, at, outcome: correlation.outcome ?? signInAnswer(status), status, policy: null };
}

const freeBusyAgent =
  /^AS(?:Proxy|AutoDiscover)\/[^\s]{1,200}?\/([0-9]{2}\.[0-9]{1,2}\.[0-9]{1,5}\.[0-9]{1,5})(?:$|[/\s])/;

/** The build of a calling server, as the User-Agent of its free/busy calls ends with it; empty for any other User-Agent. */
function buildOf(userAgent: string): string {
  return freeBusyAgent.exec(userAgent)?.[1] ?? "";
}
