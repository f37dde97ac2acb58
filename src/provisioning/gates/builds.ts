// The builds of all Exchange servers. AdminDisplayVersion leaves out security and hotfix updates, so only the file version of
// ExSetup.exe and X-OWA-Version of captured answers count.
import { type ExchangeBuild, exchangeBuild } from "../../core/exchange-builds.ts";
import { isSameText, listProperty, textProperty } from "../exchange/read-objects.ts";
import type { WireObject } from "../model/exchange-shell.ts";
import type { Ports } from "../model/step.ts";
import { type Gate, gate, type Judged, type Reading, unread } from "./gate.ts";
import type { GateId } from "./titles.ts";

/** A build that captured traffic showed. */
export interface SeenBuild {
  /** Name of the server where the answer names it, else the host that answered. */
  readonly server: string;
  readonly version: string;
}

export interface ServerBuild {
  /** Short name in Exchange, or the host that traffic showed. */
  readonly server: string;
  /** False for a host of the traffic that is not known as a server, such as the name of a load balancer. */
  readonly isServer: boolean;
  readonly build: ExchangeBuild | null;
  readonly evidence: string;
}

/** The mailbox servers with what is known of their builds, then hosts of the traffic that name none of them. */
export function serverBuilds(
  servers: readonly WireObject[],
  machine: Ports["machine"],
  seen: readonly SeenBuild[],
): readonly ServerBuild[] {
  const mailboxServers = servers.filter((server) => !isEdge(server));
  const names = mailboxServers.flatMap((server) => [textProperty(server, "Name"), textProperty(server, "Fqdn")]);
  const others = seen.filter(({ server }) => !names.some((name) => isSameServer(name, server)));
  return [
    ...mailboxServers.map((server) => buildOf(server, machine, seen)),
    ...others.map(({ server, version }) => ({ ...fromVersion(server, version, "X-OWA-Version"), isServer: false })),
  ];
}

/** The dedicated application is not supported on the Edge Transport role. */
function isEdge(server: WireObject): boolean {
  const roles = listProperty(server, "ServerRole").join(",");
  return /\bedge/i.test(roles) && !/mailbox/i.test(roles);
}

/** A name without a dot is compared with the short name; the host of a load balancer is never one of a server with its short name. */
function isSameServer(a: string, b: string): boolean {
  if (a === "") return false;
  return isSameText(a, b) || (!b.includes(".") && isSameText(a.split(".")[0] ?? a, b));
}

function buildOf(server: WireObject, machine: Ports["machine"], seen: readonly SeenBuild[]): ServerBuild {
  const name = textProperty(server, "Name") || textProperty(server, "Fqdn");
  const isHere = machine !== null && machine !== undefined && isSameServer(name, machine.name);
  if (isHere) return fromVersion(name, machine.setupVersion, "ExSetup.exe");
  const fqdn = textProperty(server, "Fqdn");
  const one = seen.findLast(({ server: host }) => isSameServer(name, host) || isSameServer(fqdn, host));
  if (one !== undefined) return fromVersion(name, one.version, "X-OWA-Version");
  return { server: name, isServer: true, build: null, evidence: `${name}: its ExSetup.exe cannot be read from here` };
}

function fromVersion(server: string, version: string, source: string): ServerBuild {
  const build = exchangeBuild(version);
  const what =
    build === null ? `${version}, not a build of Exchange Server 2013 or later` : `${build.build} (${build.name})`;
  return { server, isServer: true, build, evidence: `${server}: ${what}, by ${source}` };
}

interface Need {
  readonly id: GateId;
  readonly isMet: (build: ExchangeBuild) => boolean;
  readonly least: string;
}

const forApplication: Need = {
  id: "builds",
  isMet: (build) => build.supportsHybridApp,
  least: "2016 CU23 15.1.2507.55, 2019 CU14 15.2.1544.25, 2019 CU15 15.2.1748.24, SE 15.2.2562.17",
};

const forGraph: Need = {
  id: "builds-graph",
  isMet: (build) => build.supportsGraph,
  least: "Exchange Server SE 15.2.2562.41",
};

/** The two gates of the builds: for the dedicated application, and for Microsoft Graph. Pure. */
export function buildGates(servers: Reading<readonly ServerBuild[]>, isGraphGuide: boolean): readonly Gate[] {
  return [forApplication, forGraph].map((need) =>
    gate(need.id, judge(servers, need), need === forGraph && isGraphGuide),
  );
}

function judge(servers: Reading<readonly ServerBuild[]>, { isMet, least }: Need): Judged {
  if (!servers.ok) return unread(servers.reason, readCommand([]));
  const builds = servers.value;
  const evidence = builds.map((each) => each.evidence);
  const old = builds.filter(({ build }) => build !== null && !isMet(build)).map(({ server }) => server);
  if (old.length > 0) {
    const command = `Update ${old.join(", ")} to one of these builds or later: ${least}`;
    return { state: "wrong", evidence: [...evidence, `too old: ${old.join(", ")}`], command };
  }
  const unknown = builds.filter(({ build }) => build === null).map(({ server }) => server);
  if (unknown.length > 0 || builds.length === 0)
    return { state: "cannot tell", evidence, command: readCommand(unknown) };
  return { state: "ok", evidence, command: null };
}

/** The command that reads the file version on each server; an administrator runs it. */
function readCommand(servers: readonly string[]): string {
  const names = servers.length === 0 ? "(Get-ExchangeServer).Fqdn" : servers.join(", ");
  return `Invoke-Command -ComputerName ${names} -ScriptBlock { (Get-Item "$($env:ExchangeInstallPath)bin\\ExSetup.exe").VersionInfo.FileVersion }`;
}
