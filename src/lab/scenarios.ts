// The scenarios of the lab: how each differs from a trust that works, and how it must end.
import { ToolError } from "../core/tool-error.ts";
import type { EwsGate } from "./exchange-online.ts";
import { applications, hybridRoles, tenant } from "./names.ts";

/**
 * Exchange Server's own calls: to Skype for Business Online; as the dedicated hybrid application to Microsoft Graph, with a token
 * of either version, or to EWS in Exchange Online; or to that as the shared service principal.
 */
export type OutboundCalls = "skype-online" | "graph-v1" | "graph-v2" | "ews" | "ews-as-shared-principal";

/** How a scenario differs from a trust that works. Everything that is not given works. */
export interface Deviations {
  /** The applications that call, in order; default is Skype for Business Online alone. */
  readonly callers?: readonly string[];
  /** Applications that Exchange has a partner application for; default is all that call. */
  readonly partners?: readonly string[];
  /** How long ago the token was issued. */
  readonly tokenAgeSeconds?: number;
  /** Audience of the issued token instead of the requested one. */
  readonly audience?: string;
  readonly isSignedByUnpublishedKey?: boolean;
  readonly stsRefuses?: boolean;
  /** The client holds a token already: it neither probes nor calls the STS. */
  readonly isCached?: boolean;
  /** The mailbox's user is unknown to Exchange. */
  readonly isUserUnknown?: boolean;
  /** What the client does instead of, or after, its token calls. */
  readonly signIn?: "basic" | "ntlm";
  /** Exchange's own direction (Exchange to STS and to the cloud) is left out. */
  readonly isOneWay?: boolean;
  /** Exchange's own calls, in order; default is Skype for Business Online, after token calls that the capture sees whole. */
  readonly outbound?: readonly OutboundCalls[];
  /** The cloud's token requests do not pass the proxy, as in a real capture beside Exchange. */
  readonly isTokenRequestUnseen?: boolean;
  /** The cloud looks for EWS with Autodiscover v2 and ends with the check of a delegate, as Teams does. */
  readonly isTeamsFirstLeg?: boolean;
  /** Permissions of the dedicated hybrid application in Graph; default is all that it needs. */
  readonly graphRoles?: readonly string[];
  /** Whom Exchange Online lets use EWS; default is the dedicated hybrid application. */
  readonly ewsGate?: EwsGate;
  /** The build that Exchange Server sends as `X-OWA-Version`; default is none. */
  readonly exchangeBuild?: string;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** One sentence: what happens. */
  readonly story: string;
  readonly expected: { readonly verdict: string; readonly exitCode: number };
  readonly deviations: Deviations;
}

const confirmed = { verdict: "oauth-confirmed", exitCode: 0 } as const;
const rejected = { verdict: "oauth-rejected", exitCode: 1 } as const;
const { skypeForBusiness, teamsScheduler, cloudVoicemail, exchange } = applications;

/** The field since 2025: one caller, whose token request nobody beside Exchange sees, and Exchange SE with the update of May 2026. */
const today: Deviations = {
  callers: [teamsScheduler],
  isTokenRequestUnseen: true,
  exchangeBuild: "15.2.2562.41",
};

export const defaultScenario = "legacy-and-new-principals";

export const scenarios: readonly Scenario[] = [
  {
    name: "trust-works",
    title: "the trust works: Skype for Business Online calls as itself and as a user",
    story:
      "The client probes, is challenged, gets a token from the STS and is answered 200, first as an application, then acting as a user.",
    expected: confirmed,
    deviations: {},
  },
  {
    name: "legacy-and-new-principals",
    title: "the legacy principal and its two successors all get through",
    story: "Skype for Business Online, the Teams scheduler and Cloud Voicemail each complete the handshake.",
    expected: confirmed,
    deviations: { callers: [skypeForBusiness, teamsScheduler, cloudVoicemail] },
  },
  {
    name: "basic-fallback",
    title: "OAuth is refused and a service account's password is sent instead",
    story:
      "No partner application is known for the caller, so its token is refused; the client then signs in with Basic and is let in.",
    expected: { verdict: "basic-fallback", exitCode: 1 },
    deviations: { partners: [], signIn: "basic" },
  },
  {
    name: "issuer-unknown",
    title: "Exchange has no partner application for the caller",
    story: "The token is sound, but New-PartnerApplication was never run: x-ms-diagnostics 2000006.",
    expected: rejected,
    deviations: { partners: [] },
  },
  {
    name: "token-expired",
    title: "the token is too old",
    story: "The client presents a token that ended an hour ago: x-ms-diagnostics 2000002.",
    expected: rejected,
    deviations: { tokenAgeSeconds: 90_300 },
  },
  {
    name: "wrong-audience",
    title: "the token is meant for another server",
    story: "The audience names another host than the one that is called: x-ms-diagnostics 2000003.",
    expected: rejected,
    deviations: { audience: `${exchange}/owa.contoso.example@${tenant}` },
  },
  {
    name: "signature-wrong",
    title: "the token is signed by a key that Exchange does not know",
    story: "The STS signs with a new key while the metadata document still has the old one: x-ms-diagnostics 2000000.",
    expected: rejected,
    deviations: { isSignedByUnpublishedKey: true },
  },
  {
    name: "user-unknown",
    title: "the user is not known to Exchange",
    story: "The application alone gets through, acting as a user it is refused: x-ms-diagnostics 2000005.",
    expected: rejected,
    deviations: { isUserUnknown: true },
  },
  {
    name: "cached-token",
    title: "the token was fetched before the capture began",
    story: "No probe, no challenge, no token request: only a call with a token, answered 200.",
    expected: confirmed,
    deviations: { isCached: true },
  },
  {
    name: "one-way",
    title: "only the cloud's calls to Exchange are seen",
    story: "The handshake towards Exchange is whole; nothing of Exchange's own direction crosses the proxy.",
    expected: confirmed,
    deviations: { isOneWay: true },
  },
  {
    name: "ntlm-only",
    title: "the caller signs in with NTLM",
    story: "The client never tries a token: three NTLM messages on one connection, then 200.",
    expected: { verdict: "other-auth", exitCode: 1 },
    deviations: { signIn: "ntlm" },
  },
  {
    name: "hybrid-app-graph",
    title: "the handshake of today: the cloud calls Exchange, and Exchange calls Microsoft Graph",
    story:
      "Skype for Business Online, the Teams scheduler and Cloud Voicemail call Exchange with tokens of the older token service; Exchange gets a token of Entra as its dedicated application and asks Graph for free/busy, mailbox settings, a photo and MailTips. The calls to Graph are as far as public sources say.",
    expected: confirmed,
    deviations: {
      ...today,
      callers: [skypeForBusiness, teamsScheduler, cloudVoicemail],
      outbound: ["graph-v2"],
    },
  },
  {
    name: "hybrid-app-role-missing",
    title: "the dedicated application lacks a permission in Microsoft Graph",
    story:
      "Nobody consented to MailTips.ReadBasic.All: Graph answers free/busy, settings and the photo, and refuses MailTips with 403 ErrorAccessDenied. The calls to Graph are as far as public sources say.",
    expected: rejected,
    deviations: {
      ...today,
      outbound: ["graph-v2"],
      graphRoles: hybridRoles.graph.filter((role) => role !== "MailTips.ReadBasic.All"),
    },
  },
  {
    name: "ews-gate-closed",
    title: "Exchange Online lets other applications use EWS, not the dedicated one",
    story:
      "The token of the dedicated application is sound, but its id is not in EwsAllowedAppIDs: 403 with X-EWS-Policy-Reason. The cloud's calls to Exchange are not concerned.",
    // The token was not refused: the gate says nothing about the trust.
    expected: { verdict: "inconclusive", exitCode: 1 },
    deviations: { ...today, outbound: ["ews"], ewsGate: "other-applications-only" },
  },
  {
    name: "shared-principal-blocked",
    title: "Exchange still calls Exchange Online as the shared service principal",
    story:
      "No dedicated application is in use, so Exchange acts as 00000002-…, which Exchange Online has refused since 31 October 2025. The form of the refusal is not published: the lab answers a 401 without a reason.",
    expected: rejected,
    deviations: { ...today, outbound: ["ews-as-shared-principal"] },
  },
  {
    name: "teams-first-leg",
    title: "Teams looks for EWS without sign-in, calls with a token and checks a delegate",
    story:
      "Autodiscover v2 gives the address of EWS to everybody; the probe, the token and the calls of the Teams scheduler go there, the last one as SchedulingService.",
    expected: confirmed,
    deviations: { ...today, outbound: [], isTeamsFirstLeg: true },
  },
  {
    name: "outbound-only",
    title: "only Exchange's calls to the cloud are seen",
    story:
      "Exchange calls Graph, and EWS in Exchange Online for what Graph does not cover, both as its dedicated application with tokens of Entra's v1 endpoint. Nobody calls Exchange, so the capture does not show whether the cloud gets in. The calls to Graph are as far as public sources say.",
    expected: confirmed,
    deviations: { ...today, callers: [], outbound: ["graph-v1", "ews"] },
  },
];

/** Finds a scenario by name. Throws ToolError with the list of names as hint. */
export function findScenario(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  throw new ToolError("unknown-scenario", `There is no scenario ${JSON.stringify(name.slice(0, 60))}.`, {
    hint: `Scenarios: ${scenarios.map((scenario) => scenario.name).join(", ")}.`,
  });
}
