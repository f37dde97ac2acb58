// The two setting overrides: the identity switch (Exchange acts as the dedicated application) and the routing switch (it calls
// Microsoft Graph), which needs the first. An override may name servers, with wildcards, and versions.
import { listProperty, textProperty } from "../exchange/read-objects.ts";
import type { WireObject } from "../model/exchange-shell.ts";
import type { ServerBuild } from "./builds.ts";
import { type Gate, gate, type Judged, quoted, type Reading, refresh, unread } from "./gate.ts";
import type { GateId } from "./titles.ts";

interface Switch {
  readonly id: GateId;
  readonly component: string;
  readonly section: string;
  /** The name that Microsoft's script gives a new override. */
  readonly name: string;
}

const identitySwitch: Switch = {
  id: "identity-override",
  component: "Global",
  section: "ExchangeOnpremAsThirdPartyAppId",
  name: "EnableExchangeHybrid3PAppFeature",
};

const routingSwitch: Switch = {
  id: "graph-override",
  component: "SettingOverride",
  section: "RouteThroughMSGraph",
  name: "EnableRouteThroughMSGraphFeature",
};

/** Both gates. `servers` are those that an override of named servers must cover. Pure. */
export function overrideGates(
  overrides: Reading<readonly WireObject[]>,
  servers: Reading<readonly ServerBuild[]>,
  isGraphGuide: boolean,
): readonly Gate[] {
  const identity = judge(overrides, servers, identitySwitch);
  const routing = judge(overrides, servers, routingSwitch);
  return [
    gate(identitySwitch.id, identity),
    gate(routingSwitch.id, afterUpdate(needing(routing, identity), servers), isGraphGuide),
  ];
}

/** The routing switch has no effect without the identity switch. */
function needing(routing: Judged, { state, command }: Judged): Judged {
  if (routing.state !== "ok" || state === "ok") return routing;
  const evidence = [...routing.evidence, "it needs Global/ExchangeOnpremAsThirdPartyAppId, which is not in order"];
  return { state: state === "cannot tell" ? "cannot tell" : "wrong", evidence, command };
}

/** Without a build that can use Microsoft Graph, the override comes after the update. */
function afterUpdate(routing: Judged, servers: Reading<readonly ServerBuild[]>): Judged {
  if (routing.state !== "missing" || !servers.ok) return routing;
  const builds = servers.value.filter(({ isServer }) => isServer).map(({ build }) => build);
  if (builds.length === 0 || builds.some((build) => build === null || build.supportsGraph)) return routing;
  const evidence = [...routing.evidence, "no server has a build that can use Microsoft Graph"];
  return { ...routing, evidence, command: `Update to Exchange Server SE first; then ${routing.command}` };
}

function judge(
  overrides: Reading<readonly WireObject[]>,
  servers: Reading<readonly ServerBuild[]>,
  wanted: Switch,
): Judged {
  if (!overrides.ok) return unread(overrides.reason, list(wanted));
  const found = overrides.value.filter(
    (one) =>
      isSame(textProperty(one, "ComponentName"), wanted.component) &&
      isSame(textProperty(one, "SectionName"), wanted.section),
  );
  if (found.length === 0) return { state: "missing", evidence: ["no such override"], command: create(wanted) };
  const evidence = found.map(describe);
  const bad = found.find((one) => enabledOf(one) !== true);
  if (bad !== undefined) {
    const set = `Set-SettingOverride -Identity ${quoted(textProperty(bad, "Name"))} -Parameters @('Enabled=true'); ${refresh}`;
    return { state: "wrong", evidence, command: set };
  }
  const left = uncovered(found, servers);
  if (left === null) return { state: "cannot tell", evidence, command: list(wanted) };
  if (left.length === 0) return { state: "ok", evidence, command: null };
  return { state: "wrong", evidence: [...evidence, `not on ${left.join(", ")}`], command: create(wanted, left) };
}

function isSame(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.toLowerCase();
}

function describe(one: WireObject): string {
  const servers = listProperty(one, "Server");
  const bounds = (["MinVersion", "MaxVersion"] as const).flatMap((name) => {
    const value = textProperty(one, name);
    return value === "" ? [] : [`${name} ${value}`];
  });
  const where = [servers.length === 0 ? "organisation-wide" : `on ${servers.join(", ")}`, ...bounds].join(", ");
  return `${textProperty(one, "Name")}: ${listProperty(one, "Parameters").join(", ") || "no parameters"}, ${where}`;
}

/** True or false as the override sets it; null when its parameters do not say. */
function enabledOf(one: WireObject): boolean | null {
  const values = listProperty(one, "Parameters").flatMap(
    (text) => /^\s*Enabled\s*=\s*(true|false)\s*$/i.exec(text)?.[1]?.toLowerCase() ?? [],
  );
  const [only, second] = [...new Set(values)];
  return only === undefined || second !== undefined ? null : only === "true";
}

/** The servers that no override covers; null when that cannot be decided. */
function uncovered(found: readonly WireObject[], servers: Reading<readonly ServerBuild[]>): readonly string[] | null {
  const isForAll = (one: WireObject): boolean =>
    listProperty(one, "Server").length === 0 &&
    textProperty(one, "MinVersion") === "" &&
    textProperty(one, "MaxVersion") === "";
  if (found.some(isForAll)) return [];
  if (!servers.ok) return null;
  const answers = servers.value
    .filter(({ isServer }) => isServer)
    .map((server) => [server.server, coverage(found, server)] as const);
  const not = answers.filter(([, covers]) => covers === false).map(([server]) => server);
  return not.length > 0 || answers.every(([, covers]) => covers === true) ? not : null;
}

function coverage(found: readonly WireObject[], server: ServerBuild): boolean | null {
  const answers = found.map((one) => (isNamed(one, server.server) ? isWithin(one, server) : false));
  if (answers.includes(true)) return true;
  return answers.includes(null) ? null : false;
}

/** Names may hold `*`; none means every server. */
function isNamed(one: WireObject, server: string): boolean {
  const names = listProperty(one, "Server");
  if (names.length === 0) return true;
  return names.some((name) => {
    const pattern = (name.split(".")[0] ?? name).split(/\*+/).map((part) => part.replace(/[^A-Za-z0-9_-]/g, "\\$&"));
    return new RegExp(`^${pattern.join("[^.]*")}$`, "i").test(server.split(".")[0] ?? server);
  });
}

/** Null when the override has a bound and the server's build is unknown. */
function isWithin(one: WireObject, { build }: ServerBuild): boolean | null {
  const [least, most] = [textProperty(one, "MinVersion"), textProperty(one, "MaxVersion")];
  if (least === "" && most === "") return true;
  if (build === null) return null;
  return (least === "" || compare(build.build, least) >= 0) && (most === "" || compare(build.build, most) <= 0);
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(".").map(Number)) as [number[], number[]];
  for (let place = 0; place < 4; place += 1) {
    const difference = (left[place] ?? 0) - (right[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function create({ name, component, section }: Switch, servers: readonly string[] = []): string {
  const at = servers.length === 0 ? "" : ` -Server ${servers.map(quoted).join(", ")}`;
  const own = servers.length === 0 ? name : `${name}-2`;
  return `New-SettingOverride -Name ${own} -Component ${component} -Section ${section} -Parameters @('Enabled=true') -Reason 'dedicated hybrid application'${at}; ${refresh}`;
}

function list({ component, section }: Switch): string {
  return `Get-SettingOverride | Where-Object { $_.ComponentName -eq '${component}' -and $_.SectionName -eq '${section}' } | Format-List Name,Parameters,Server,MinVersion,MaxVersion`;
}
