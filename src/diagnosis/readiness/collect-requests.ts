// Token requests for Microsoft's services: the application that asks, and the certificate with which it proves itself.
import { applicationName } from "../../core/principals.ts";
import type { S2sToken } from "../../decoders/facts.ts";
import { placeOf } from "../../handshake/conversation.ts";
import { assertionOf, issuedToken } from "../../handshake/role.ts";
import { applicationKind, cloudResource, exchangeId } from "../catalogue/application-kind.ts";
import { graphPermissions, isGranted, rolesOf } from "../catalogue/graph-permissions.ts";
import type { CloudService, TokenRequests } from "../readiness-evidence.ts";
import { isAnotherProgram } from "../rules/judge-hybrid-app.ts";
import { requestPartiesOf } from "../rules/judge-sts.ts";
import type { RuleInput } from "../rules/rule.ts";
import {
  copySightings,
  newSightings,
  noteFirst,
  noteLast,
  type SightingsDraft,
  startSightingList,
} from "./sightings.ts";

interface RequestDraft {
  readonly part: Omit<TokenRequests, "issued" | "denied" | "lastIsIssued" | "lastAt" | "error">;
  readonly issued: SightingsDraft;
  readonly denied: SightingsDraft;
  lastIsIssued: boolean | null;
  lastAt: number;
  error: string;
}

export interface RequestCollector {
  add(input: RuleInput): void;
  all(): readonly TokenRequests[];
  readonly beyond: number;
}

const requestLimit = 256;

export function startRequestCollector(): RequestCollector {
  const requests = startSightingList<RequestDraft>(requestLimit);
  return {
    add(input) {
      const part = partOf(input);
      if (part === null) return;
      const { client, caller, service, x5t, x5tS256 } = part;
      const entry = requests.at([client, caller, service ?? "", x5t, x5tS256], () => ({
        part,
        issued: newSightings(),
        denied: newSightings(),
        ...{ lastIsIssued: null, lastAt: Number.NEGATIVE_INFINITY, error: "" },
      }));
      if (entry !== null) noteAnswer(entry, input);
    },
    all: () =>
      requests.all().map(({ part, issued, denied, lastIsIssued, lastAt, error }) => ({
        ...part,
        issued: copySightings(issued),
        denied: copySightings(denied),
        ...{ lastIsIssued, lastAt, error },
      })),
    get beyond() {
      return requests.beyond;
    },
  };
}

/** Null for the request of a cloud service, which asks for a token for Exchange Server, and for that of a person. */
function partOf(input: RuleInput): RequestDraft["part"] | null {
  const { facts, transaction } = input;
  if (facts.tokenRequest === null || facts.tokenRequest.isPasswordGrant) return null;
  const parties = partiesOf(input);
  if (parties === null) return null;
  const assertion = assertionOf(facts);
  const { client } = placeOf(transaction, facts);
  const [x5t, x5tS256] = [assertion?.header.x5t, assertion?.header["x5t#S256"]].map(thumbprintOf);
  return { client, ...parties, x5t: x5t ?? "", x5tS256: x5tS256 ?? "" };
}

/** Caller and service of a request of Exchange Server, as far as they show; null for any other caller. */
function partiesOf({ facts, hybridApp }: RuleInput): Pick<TokenRequests, "caller" | "callerName" | "service"> | null {
  const issued = issuedToken(facts);
  const assertion = assertionOf(facts);
  const caller = requestPartiesOf(facts.tokenRequest, assertion).callerId || (issued?.caller?.id ?? "");
  const resource = cloudResource(facts.tokenRequest?.resource ?? null) ?? cloudResource(issued?.audience ?? null);
  const service = resource?.service ?? null;
  const callerName = (assertion ?? issued)?.caller?.name ?? applicationName(caller);
  // The shared principal also asks for tokens for Skype for Business and for other servers: they show its certificate alone.
  if (caller === exchangeId) return { caller, callerName, service };
  if (applicationKind(caller) !== "own" || service === null) return null;
  const isNamed = caller === hybridApp || callerName !== null;
  if (!isNamed && issued !== null && isAnotherProgramsToken(issued, service)) return null;
  return { caller, callerName, service };
}

/** True for a token whose permissions are those of another program than Exchange Server. */
export function isAnotherProgramsToken(token: S2sToken, service: CloudService): boolean {
  const roles = rolesOf(token);
  if (roles === null) return true;
  const missing = graphPermissions.filter((permission) => !isGranted(permission, roles)).length;
  return isAnotherProgram(service, roles, missing);
}

function thumbprintOf(value: unknown): string {
  return typeof value === "string" && /^[A-Za-z0-9_-]{20,64}={0,2}$/.test(value) ? value.replace(/=+$/, "") : "";
}

function noteAnswer(entry: RequestDraft, { transaction, facts }: RuleInput): void {
  const { id, startedAt, durationMs, response } = transaction;
  const at = startedAt + (durationMs ?? 0);
  const isIssued = facts.tokenAnswer?.isIssued === true;
  const status = response?.status ?? null;
  // A server error and a 429 decide nothing.
  const isDenied = !isIssued && status !== null && status >= 400 && status < 500 && status !== 429;
  if (isIssued) noteFirst(entry.issued, id);
  if (isDenied) noteLast(entry.denied, id);
  if ((!isIssued && !isDenied) || at < entry.lastAt) return;
  entry.lastAt = at;
  entry.lastIsIssued = isIssued;
  entry.error = isIssued
    ? ""
    : (facts.tokenAnswer?.errorCode || facts.tokenAnswer?.error || `status ${status}`).slice(0, 64);
}
