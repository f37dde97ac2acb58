// Q3: the permissions in the tokens of Exchange Server's application, and what is lost without the others.
import { printable } from "../../core/printable-text.ts";
import { exchangeId } from "../catalogue/application-kind.ts";
import { graphPermissions, isGranted } from "../catalogue/graph-permissions.ts";
import type { CloudService, SeenGrant } from "../readiness-evidence.ts";
import { type AnswerDetail, type Answered, joinWords, rowsOf, worstState } from "./answer.ts";
import { ewsPermission } from "./collector.ts";
import { adviceOf, captureOutbound } from "./how-to-see.ts";
import {
  applicationWords,
  decidingRows,
  groupBy,
  isServersApplication,
  type Seen,
  serverCalls,
} from "./read-evidence.ts";

const serviceNames: Readonly<Record<CloudService, string>> = {
  "exchange-online": "Exchange Online",
  graph: "Microsoft Graph",
};

/** Q3: with which permissions does Exchange Server call, which are missing, and what is lost? */
export function answerPermissions(seen: Seen): Answered {
  const grants = seen.grants.filter(({ caller }) => isServersApplication(caller) && caller !== exchangeId);
  if (grants.length === 0) return notSeen(seen);
  const byToken = groupBy(grants, ({ caller, service }) => `${caller} ${service}`);
  const details = [...byToken.values()].map((same) => detailOf(same, seen));
  const services = new Set(grants.map(({ service }) => service));
  const unseen = (["exchange-online", "graph"] as const).filter((service) => !services.has(service));
  const state = worstState(details.map((detail) => detail.state));
  return {
    state,
    answer: `${details.map(({ name, text }) => `${name}: ${text}`).join("; ")}.`,
    open: [
      ...(state === "ok" ? [] : [adviceOf("HYBRID_APP_ROLE_MISSING")]),
      ...unseen.map((service) => `No token for ${serviceNames[service]} is seen here.`),
    ],
    details,
    evidence: rowsOf(...details),
  };
}

/** The token that was seen last counts: a consent changes the next token. */
function detailOf(same: readonly SeenGrant[], { options }: Seen): AnswerDetail {
  const [first, ...rest] = same;
  if (first === undefined) throw new Error("a group has a member");
  const latest = rest.reduce((before, one) => (one.lastAt >= before.lastAt ? one : before), first);
  const { caller, service, roles } = latest;
  const lost = missingOf(service, roles);
  const shown = roles.length === 0 ? "no permission" : joinWords(roles.map(printable), 10);
  const missing = lost.map(({ permission, feature }) => `${permission} is missing (${feature})`);
  const refused = same.filter(
    (one) => one.lastStatus === 403 && lost.some(({ permission }) => permission === one.wanted),
  );
  const rows = refused.length > 0 ? refused.map(decidingRows) : same.filter(isLike(latest)).map(decidingRows);
  return {
    name: `${applicationWords(caller, null, options)} at ${serviceNames[service]}`,
    state: lost.length === 0 ? "ok" : refused.length > 0 ? "problem" : "attention",
    text: [shown, ...missing].join(", "),
    evidence: rowsOf(...rows),
  };
}

function isLike({ roles }: SeenGrant): (other: SeenGrant) => boolean {
  return (other) => other.roles.join(" ") === roles.join(" ");
}

interface Lost {
  readonly permission: string;
  /** What does not work without it. */
  readonly feature: string;
}

function missingOf(service: CloudService, roles: readonly string[]): readonly Lost[] {
  if (service === "graph")
    return graphPermissions
      .filter((permission) => !isGranted(permission, roles))
      .map(({ permission, feature }) => ({ permission, feature: `no ${feature}` }));
  return roles.includes(ewsPermission) ? [] : [{ permission: ewsPermission, feature: "no call of EWS" }];
}

function notSeen(seen: Seen): Answered {
  const calls = serverCalls(seen);
  const ofAcs = calls.filter(({ tokenService }) => tokenService === "acs" || tokenService === "own-key");
  const answer =
    ofAcs.length === 0
      ? "Not seen here: no token of Entra for Exchange Online or Graph."
      : "Not seen here: its tokens come from the older token service (ACS), which names no permissions in them.";
  return {
    state: "not-seen",
    answer,
    open: [captureOutbound, "The permissions are in the token (roles)."],
    evidence: rowsOf(...ofAcs.map(decidingRows)),
  };
}
