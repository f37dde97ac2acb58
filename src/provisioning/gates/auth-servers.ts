// What EvoSTS says: as which application Exchange signs in, for which domains, and where Microsoft Graph is. Several EvoSTS
// auth servers mean several tenants, told apart by their realm.
import { isGuid } from "../../core/principals.ts";
import { isSameText, isTrue, listProperty, textProperty } from "../exchange/read-objects.ts";
import { hybridScript } from "../model/clouds.ts";
import type { WireObject } from "../model/exchange-shell.ts";
import { appIds } from "../model/profiles.ts";
import type { Settings } from "../model/settings.ts";
import { realmOf } from "../steps/auth-server.ts";
import { type Gate, gate, type Judged, quoted, type Reading, unread } from "./gate.ts";

const show = "Get-AuthServer | Format-List Name,Type,Realm,Enabled,ApplicationIdentifier,DomainName,GraphBaseUrl";

/** Enabled EvoSTS auth servers of the run's tenant; of every tenant when the run names none. */
function evoStsOf(servers: readonly WireObject[], tenant: string): readonly WireObject[] {
  return ofType(servers, "AzureAD", tenant);
}

function ofType(servers: readonly WireObject[], type: string, tenant: string): readonly WireObject[] {
  return servers.filter(
    (server) =>
      isSameText(textProperty(server, "Type"), type) &&
      isTrue(server, "Enabled") &&
      (tenant === "" || isSameText(realmOf(server), tenant)),
  );
}

/** The dedicated application that EvoSTS names, lower case; null when it names none, or several do. */
export function applicationIdOf(servers: readonly WireObject[], tenant: string): string | null {
  const [only, second] = evoStsOf(servers, tenant);
  const appId = textProperty(only, "ApplicationIdentifier").trim().toLowerCase();
  return second === undefined && isGuid(appId) && appId !== appIds.exchange ? appId : null;
}

/** The gates of EvoSTS: application, domains, Graph's address. Pure. */
export function authServerGates(
  servers: Reading<readonly WireObject[]>,
  settings: Settings,
  isGraphGuide: boolean,
): readonly Gate[] {
  const each = (judge: (server: WireObject) => Judged): Judged => judgeEach(servers, settings.tenant, judge);
  const { graph } = settings.cloud;
  const configure = hybridScript("ConfigureAuthServer", settings.cloud);
  return [
    gate(
      "application-id",
      each((server) => judgeApplicationId(server, configure)),
    ),
    gate(
      "domain-names",
      each((server) => judgeDomains(server, servers.ok ? servers.value : [], configure)),
    ),
    gate(
      "graph-base-url",
      each((server) => judgeGraphUrl(server, graph)),
      isGraphGuide,
    ),
  ];
}

/** The worst of all EvoSTS auth servers of the tenant; its evidence names each one. */
function judgeEach(
  servers: Reading<readonly WireObject[]>,
  tenant: string,
  judge: (server: WireObject) => Judged,
): Judged {
  if (!servers.ok) return unread(servers.reason, show);
  const chosen = evoStsOf(servers.value, tenant);
  if (chosen.length === 0) return noEvoSts(servers.value, tenant);
  const realms = chosen.map((server) => realmOf(server).toLowerCase());
  if (new Set(realms).size < realms.length) {
    const evidence = chosen.map((server) => `${nameOf(server)}: realm ${realmOf(server)}`);
    return { state: "wrong", evidence: [...evidence, "two enabled EvoSTS auth servers of one tenant"], command: show };
  }
  const judged = chosen.map(judge);
  const [worst] = judged.toSorted((a, b) => rank(a) - rank(b));
  return {
    state: worst?.state ?? "cannot tell",
    evidence: judged.flatMap((one) => one.evidence),
    command: worst?.command ?? null,
  };
}

function rank({ state }: Judged): number {
  return ["wrong", "missing", "cannot tell", "ok"].indexOf(state);
}

function noEvoSts(servers: readonly WireObject[], tenant: string): Judged {
  const all = servers.filter((server) => isSameText(textProperty(server, "Type"), "AzureAD"));
  const evidence = all.map(
    (server) =>
      `${nameOf(server)}: realm ${realmOf(server) || "(none)"}, ${isTrue(server, "Enabled") ? "enabled" : "disabled"}`,
  );
  const disabled = all.find((server) => tenant === "" || isSameText(realmOf(server), tenant));
  if (disabled !== undefined)
    return { state: "wrong", evidence, command: `Set-AuthServer -Identity ${quoted(nameOf(disabled))} -Enabled $true` };
  const none = tenant === "" ? "no EvoSTS auth server" : `no EvoSTS auth server of tenant ${tenant}`;
  return {
    state: "missing",
    evidence: [...evidence, none],
    command: "Run the Hybrid Configuration Wizard for this tenant",
  };
}

function nameOf(server: WireObject): string {
  return textProperty(server, "Name") || textProperty(server, "Identity");
}

/** A property that this version lacks, or that cannot be read, is left out of the answer: not the same as an empty one. */
function lacks(server: WireObject, property: string): Judged | null {
  if (server[property] !== undefined) return null;
  const evidence = [`${nameOf(server)}: ${property} cannot be read: the shell's version of Exchange may not have it`];
  return { state: "cannot tell", evidence, command: show };
}

function judgeApplicationId(server: WireObject, configure: string): Judged {
  const unreadable = lacks(server, "ApplicationIdentifier");
  if (unreadable !== null) return unreadable;
  const appId = textProperty(server, "ApplicationIdentifier").trim().toLowerCase();
  const evidence = [`${nameOf(server)} (realm ${realmOf(server) || "not named"}): ${appId || "none"}`];
  if (appId === "") return { state: "missing", evidence, command: configure };
  if (appId === appIds.exchange)
    return { state: "wrong", evidence: [...evidence, "the shared application"], command: configure };
  if (!isGuid(appId)) return { state: "wrong", evidence: [...evidence, "not an application id"], command: configure };
  return { state: "ok", evidence, command: null };
}

function judgeDomains(server: WireObject, all: readonly WireObject[], configure: string): Judged {
  const unreadable = lacks(server, "DomainName");
  if (unreadable !== null) return unreadable;
  const own = domainsOf(server);
  const [acs, second] = ofType(all, "MicrosoftACS", realmOf(server)).filter((one) => domainsOf(one).length > 0);
  const evidence = [`${nameOf(server)}: ${own.join(", ") || "none"}`];
  if (acs === undefined || second !== undefined) {
    const what = acs === undefined ? "no enabled ACS auth server" : "several enabled ACS auth servers";
    const noted = [...evidence, `${what} of this tenant to compare with`];
    return own.length === 0
      ? { state: "missing", evidence: noted, command: configure }
      : { state: "cannot tell", evidence: noted, command: show };
  }
  const wanted = domainsOf(acs);
  const lacking = wanted.filter((domain) => !own.includes(domain));
  const more = own.filter((domain) => !wanted.includes(domain));
  const compared = [...evidence, `${nameOf(acs)}: ${wanted.join(", ")}`];
  if (lacking.length === 0) {
    const noted = more.length === 0 ? compared : [...compared, `only on EvoSTS: ${more.join(", ")}`];
    return { state: "ok", evidence: noted, command: null };
  }
  const command = `Set-AuthServer -Identity ${quoted(nameOf(server))} -DomainName @{ Add = ${lacking.map(quoted).join(", ")} }`;
  const noted = [...compared, `not on EvoSTS: ${lacking.join(", ")}`];
  return { state: own.length === 0 ? "missing" : "wrong", evidence: noted, command };
}

function domainsOf(server: WireObject): readonly string[] {
  return [...new Set(listProperty(server, "DomainName").map((domain) => domain.trim().toLowerCase()))];
}

function judgeGraphUrl(server: WireObject, wanted: string): Judged {
  const unreadable = lacks(server, "GraphBaseUrl");
  if (unreadable !== null) return unreadable;
  const url = textProperty(server, "GraphBaseUrl").trim();
  const evidence = [`${nameOf(server)}: ${url || "none"}; this cloud's is ${wanted}`];
  const command = `Set-AuthServer -Identity ${quoted(nameOf(server))} -GraphBaseUrl ${wanted}`;
  if (url === "") return { state: "missing", evidence, command };
  return isSameOrigin(url, wanted) ? { state: "ok", evidence, command: null } : { state: "wrong", evidence, command };
}

function isSameOrigin(url: string, origin: string): boolean {
  if (!URL.canParse(url)) return false;
  const parsed = new URL(url);
  return parsed.origin === origin && parsed.pathname === "/" && parsed.search === "";
}
