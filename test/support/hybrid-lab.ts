// A lab in which Microsoft's script has set up the dedicated hybrid application, so that every gate is in order.
import type { StoredPrincipal } from "../../src/lab/cloud/principal-store.ts";
import { type ObjectKind, type Properties, readDirectory } from "../../src/lab/exchange-shell/directory-state.ts";
import { changeLab, labServers } from "../../src/lab/exchange-shell/lab-directory.ts";
import { checkGates, type GateInput, type GateTable } from "../../src/provisioning/gates/check-gates.ts";
import type { Gate } from "../../src/provisioning/gates/gate.ts";
import type { SettingsInput } from "../../src/provisioning/model/settings.ts";
import { authCertificate } from "./auth-certificate.ts";
import { directShell } from "./direct-shell.ts";
import {
  appIds,
  type LabWish,
  openLab,
  type ProvisioningLab,
  principal,
  startProvisioningLab,
  storedKey,
} from "./provisioning-lab.ts";

export const hybridAppId = "aaaaaaaa-1111-4222-8333-0123456789ab";
export const graphAppId = "00000003-0000-0000-c000-000000000000";

/** Ids that only this lab's Graph gives to its roles: a program that guessed them would find nothing. */
export const graphRoles = [
  { id: "0c0ffee0-0000-4000-8000-000000000001", value: "Calendars.Read" },
  { id: "0c0ffee0-0000-4000-8000-000000000002", value: "MailboxSettings.Read" },
  { id: "0c0ffee0-0000-4000-8000-000000000003", value: "MailTips.ReadBasic.All" },
  { id: "0c0ffee0-0000-4000-8000-000000000004", value: "ProfilePhoto.Read.All" },
] as const;

/** The id of full_access_as_app, from the page "Deploy dedicated Exchange hybrid app" and Microsoft's script. */
const fullAccess = { id: "dc890d15-9560-4a4c-9b7f-a736ec74ec40", value: "full_access_as_app" };

const exchangePrincipal = (): StoredPrincipal => ({ ...principal(appIds.exchange), appRoles: [fullAccess] });
const graphPrincipal = (): StoredPrincipal => ({ ...principal(graphAppId), appRoles: graphRoles });

function ownPrincipal(): StoredPrincipal {
  const consents = [
    { appRoleId: fullAccess.id, resourceId: exchangePrincipal().id },
    ...graphRoles.map(({ id }) => ({ appRoleId: id, resourceId: graphPrincipal().id })),
  ];
  return { ...principal(hybridAppId), appRoleAssignments: consents };
}

/** One Exchange server, a tenant with the application, and everything as Microsoft's script leaves it. */
export async function startHybridLab(wish: LabWish = {}): Promise<ProvisioningLab> {
  const certificate = wish.certificate ?? authCertificate();
  const lab = await startProvisioningLab({
    ...wish,
    certificate,
    directory: { servers: labServers.slice(0, 1), hybridApp: { appId: hybridAppId, graphUrl: "" }, ...wish.directory },
    cloud: {
      ...wish.cloud,
      store: { principals: [exchangePrincipal(), graphPrincipal(), ownPrincipal()], ...wish.cloud?.store },
    },
  });
  changeObjects(lab, "auth-server", { Type: "AzureAD" }, { GraphBaseUrl: lab.cloud.graphUrl });
  lab.cloud.store.putApplication({
    id: "bbbbbbbb-1111-4222-8333-0123456789ab",
    appId: hybridAppId,
    displayName: "ExchangeServerApp-1",
    keyCredentials: [storedKey(certificate)],
  });
  return lab;
}

/** Changes the properties of the objects of a kind that have these values; null deletes them. */
export function changeObjects(
  lab: ProvisioningLab,
  kind: ObjectKind,
  having: Properties,
  change: Properties | null,
): void {
  changeLab(lab.directory, (state) => {
    const replicas = Object.entries(state.replicas).map(([name, held]) => [
      name,
      Object.fromEntries(
        Object.entries(held).flatMap(([guid, one]) => {
          const isMeant =
            one.kind === kind && Object.entries(having).every(([key, value]) => one.properties[key] === value);
          if (!isMeant) return [[guid, one]];
          return change === null ? [] : [[guid, { ...one, properties: { ...one.properties, ...change } }]];
        }),
      ),
    ]);
    return { ...state, replicas: Object.fromEntries(replicas) };
  });
}

/** Changes a service principal of the lab's tenant. */
export function changePrincipal(lab: ProvisioningLab, appId: string, change: Partial<StoredPrincipal>): void {
  const held = lab.cloud.store.now(appId);
  if (held === undefined) throw new Error(`the lab has no principal ${appId}`);
  lab.cloud.store.put({ ...held, ...change });
}

export interface CheckWish extends Partial<GateInput> {
  readonly settings?: SettingsInput;
  /** Without a shell process: the cmdlets of the lab run here. */
  readonly isDirect?: boolean;
}

/** Checks the gates of a lab through a real connection to Graph and a real shell process, unless `isDirect`. */
export async function checkLab(
  lab: ProvisioningLab,
  { settings = {}, isDirect = false, ...input }: CheckWish = {},
): Promise<GateTable> {
  const chosen = lab.settings({ profile: "hybrid-app", ...settings });
  const direct = isDirect ? { direct: directShell(lab.directory, () => undefined) } : {};
  const opened = await openLab(lab, { settings: chosen, ...direct });
  const { servers, builds } = readDirectory(lab.directory);
  const setupVersion = builds?.[servers[0] ?? ""] ?? "";
  const machine = setupVersion === "" ? null : { name: "EX1", setupVersion };
  try {
    return await checkGates(isDirect ? { ...opened.ports, machine } : opened.ports, { given: [], seen: [], ...input });
  } finally {
    await opened.close();
  }
}

export function gateOf({ gates }: GateTable, id: string): Gate {
  const found = gates.find((gate) => gate.id === id);
  if (found === undefined) throw new Error(`there is no gate ${id}`);
  return found;
}
