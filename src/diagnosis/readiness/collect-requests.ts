// Token requests for Microsoft's services: the application that asks, and the certificate with which it proves itself.
import { applicationName } from "../../core/principals.ts";
import { placeOf } from "../../handshake/conversation.ts";
import { assertionOf, issuedToken } from "../../handshake/role.ts";
import { applicationKind, cloudResource } from "../catalogue/application-kind.ts";
import type { TokenRequests } from "../readiness-evidence.ts";
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
function partOf({ facts, transaction }: RuleInput): RequestDraft["part"] | null {
  const { tokenRequest } = facts;
  if (tokenRequest === null || tokenRequest.isPasswordGrant) return null;
  const assertion = assertionOf(facts);
  const issued = issuedToken(facts);
  const caller = requestPartiesOf(tokenRequest, assertion).callerId || (issued?.caller?.id ?? "");
  const kind = applicationKind(caller);
  if (kind !== "exchange" && kind !== "own") return null;
  const service = (cloudResource(tokenRequest.resource) ?? cloudResource(issued?.audience ?? null))?.service ?? null;
  // The shared principal also asks for tokens for Skype for Business and for other servers: they show its certificate alone.
  if (kind === "own" && service === null) return null;
  const callerName = assertion?.caller?.name ?? issued?.caller?.name ?? applicationName(caller);
  const { client } = placeOf(transaction, facts);
  const [x5t, x5tS256] = [assertion?.header.x5t, assertion?.header["x5t#S256"]].map(thumbprintOf);
  return { client, caller, callerName, service, x5t: x5t ?? "", x5tS256: x5tS256 ?? "" };
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
