// Steps 1a and 1b: the auth servers of Exchange. Their realm is the tenant that Exchange trusts, the only link between this
// organization and a tenant. An auth server of another tenant stops everything.
import { isGuid } from "../../core/principals.ts";
import { isSameText, isTrue, onDomainController, readObjects, textProperty } from "../exchange/read-objects.ts";
import { initialDomain, metadataLogin } from "../model/clouds.ts";
import type { WireObject } from "../model/exchange-shell.ts";
import type { Settings } from "../model/settings.ts";
import type { Observation, Ports, Step } from "../model/step.ts";
import { guideStep, hybridWizard } from "./guide-step.ts";

export const entraServerStepId = "s1.b";

type AuthServerType = "MicrosoftACS" | "AzureAD";

/** Step 1a checks for ACS and explains; step 1b checks for Entra and is a gate for later steps. */
export function authServerStep(settings: Settings, type: AuthServerType): Step {
  const { acs, evoSts } = metadataLogin(settings.cloud);
  // The page names the tenant's initial domain, not that of the mail addresses.
  const domain = initialDomain(settings.cloud);
  const byHand =
    type === "MicrosoftACS"
      ? `New-AuthServer -Name WindowsAzureACS -AuthMetadataUrl ${acs}/${domain}/metadata/json/1`
      : `New-AuthServer -Name evoSTS -Type AzureAD -AuthMetadataUrl ${evoSts}/${domain}/federationmetadata/2007-06/federationmetadata.xml`;
  const step = guideStep(
    {
      id: type === "MicrosoftACS" ? "s1.a" : entraServerStepId,
      title: `auth server ${type}`,
      about: "Create the authorization server objects for the token services.",
    },
    async (ports) => observe(await readAuthServers(ports, type), type, { tenant: settings.tenant, byHand }),
  );
  return type === "AzureAD" ? { ...step, kind: "gate" } : step;
}

/** Reads the auth servers of a type. Throws Stop. */
async function readAuthServers(ports: Ports, type: AuthServerType): Promise<readonly WireObject[]> {
  const all = await readObjects(ports, "Get-AuthServer", onDomainController(ports, {}));
  return all.filter((object) => isSameText(textProperty(object, "Type"), type));
}

/** Chooses by realm, since names differ (EvoSTS, EvoSts - {guid}). A server without a realm may belong to any tenant. */
function ofTenant(servers: readonly WireObject[], tenant: string): readonly WireObject[] {
  if (tenant === "") return servers.slice(0, 1);
  const same = servers.filter((server) => isSameText(realmOf(server), tenant));
  return same.length > 0 || servers.some((server) => realmOf(server) !== "") ? same : servers;
}

/** The tenant of an auth server: its realm, else the id in the path of its issuer or metadata URL; empty when there is none. */
export function realmOf(server: WireObject): string {
  const realm = textProperty(server, "Realm");
  if (realm !== "") return realm;
  const parts = ["IssuerIdentifier", "AuthMetadataUrl"].flatMap((name) =>
    textProperty(server, name).split("/").slice(3),
  );
  return parts.find(isGuid) ?? "";
}

function observe(
  servers: readonly WireObject[],
  type: AuthServerType,
  { tenant, byHand }: { readonly tenant: string; readonly byHand: string },
): Observation {
  const chosen = ofTenant(servers, tenant);
  const [only, second] = chosen;
  if (only === undefined) {
    const [other] = servers;
    return other === undefined
      ? { state: "absent", notes: [`${hybridWizard}${byHand}`] }
      : otherTenant(servers, type, tenant);
  }
  const facts = factsOf(only);
  if (second !== undefined) {
    const message = `There are ${chosen.length} auth servers of type ${type} for one realm.`;
    return { state: "conflict", facts, message, hint: "Remove the one that is not used." };
  }
  const unknown =
    tenant === ""
      ? [`It belongs to tenant ${facts.Realm || "(not named)"}; without --tenant that cannot be checked.`]
      : facts.Realm === ""
        ? [`It names no realm: check by hand that it belongs to tenant ${tenant}.`]
        : [];
  if (facts.Enabled) return { state: "present", facts, notes: unknown };
  const differences = [{ what: "Enabled", wanted: "true", found: "false" }];
  const notes = [...unknown, `By hand: Set-AuthServer '${facts.Name}' -Enabled $true`];
  return { state: "drift", facts, differences, notes };
}

function factsOf(server: WireObject) {
  return {
    Name: textProperty(server, "Name"),
    Realm: realmOf(server),
    Enabled: isTrue(server, "Enabled"),
    ApplicationIdentifier: textProperty(server, "ApplicationIdentifier").toLowerCase(),
  };
}

function otherTenant(servers: readonly WireObject[], type: AuthServerType, tenant: string): Observation {
  const realms = [...new Set(servers.map(realmOf).filter((realm) => realm !== ""))];
  const facts = { realms, names: servers.map((server) => textProperty(server, "Name")) };
  return {
    state: "conflict",
    blocks: true,
    facts,
    message: `Exchange's auth server of type ${type} (${facts.names.join(", ")}) belongs to tenant ${realms.join(", ")}, but this run is for tenant ${tenant}.`,
    hint: `Give --tenant ${realms[0] ?? ""} if that is the tenant. If it is ${tenant}, run the Hybrid Configuration Wizard for it first; --skip-step1-check does not skip this check.`,
  };
}
