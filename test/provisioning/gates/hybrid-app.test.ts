// The gates of the dedicated hybrid application, each ok, missing, wrong and unreadable, through the lab's shell process and
// its Graph server. What each gate needs is from "Deploy dedicated Exchange hybrid app" and Microsoft's own
// ConfigureExchangeHybridApplication.ps1.
import { expect, test } from "vitest";
import { readDirectory } from "../../../src/lab/exchange-shell/directory-state.ts";
import { changeLab, labObject, labServers, withLabObject } from "../../../src/lab/exchange-shell/lab-directory.ts";
import { tenant } from "../../../src/lab/names.ts";
import { authCertificate } from "../../support/auth-certificate.ts";
import { evoSts, gateCases, identity, putKeys, routing } from "../../support/hybrid-cases.ts";
import { changeObjects, checkLab, gateOf, hybridAppId, startHybridLab } from "../../support/hybrid-lab.ts";
import { appIds, principal, storedKey } from "../../support/provisioning-lab.ts";

test("as Microsoft's script leaves it, every gate is ok, and nothing was written", async () => {
  const lab = await startHybridLab();
  const table = await checkLab(lab);
  const open = table.gates.filter(({ state }) => state !== "ok").map(({ id, state }) => [id, state]);
  expect(open).toEqual([["ews-gate", "cannot tell"]]);
  expect(table.verdict).toBe("ok");
  for (const { cmdlet, parameters } of readDirectory(lab.directory).calls) {
    expect(cmdlet).toMatch(/^Get-/);
    // For an identity that does not exist these two give every object.
    if (/Override|Relationship/.test(cmdlet)) expect(parameters).not.toHaveProperty("Identity");
  }
  expect(new Set(lab.cloud.requests.map(({ method }) => method))).toEqual(new Set(["GET"]));
});

test.each(gateCases)("%s: the gate %s is %s", async (_name, ...[id, state, says, change]) => {
  const lab = await startHybridLab();
  change(lab);
  const table = await checkLab(lab);
  const gate = gateOf(table, id);
  expect(gate.state, gate.evidence.join("; ")).toBe(state);
  expect([...gate.evidence, gate.command ?? ""].join("\n")).toMatch(says);
  if (state === "missing" || state === "wrong") {
    expect(gate.command).not.toBeNull();
    expect(table.verdict).toBe("failed");
  }
  if (state === "cannot tell") expect(table.verdict).not.toBe("ok");
});

const exchangeReads = [
  ["Get-ExchangeServer", ["builds", "builds-graph", "auth-certificate"]],
  ["Get-SettingOverride", ["identity-override", "graph-override"]],
  ["Get-AuthServer", ["application-id", "domain-names", "graph-base-url"]],
  ["Get-AuthConfig", ["auth-certificate"]],
  ["Get-PartnerApplication", ["partner-application"]],
  ["Get-IntraOrganizationConnector", ["connector"]],
  ["Get-OrganizationRelationship", ["target-sharing-epr"]],
] as const;

test.each(exchangeReads)("%s that is denied: cannot tell, with the reason; never missing", async (cmdlet, gates) => {
  const lab = await startHybridLab();
  changeLab(lab.directory, (state) => ({ ...state, manner: { ...state.manner, hidden: [cmdlet] } }));
  const table = await checkLab(lab);
  for (const id of gates) {
    expect(gateOf(table, id).state, id).toBe("cannot tell");
    expect(gateOf(table, id).evidence.join("\n"), id).toContain(cmdlet);
  }
  expect(table.gates.filter(({ state }) => state === "missing" || state === "wrong")).toEqual([]);
  expect(table.verdict).toBe("unverified");
});

test.each([
  ["/applications(", ["application-keys"]],
  ["/appRoleAssignments", ["consent-ews", "consent-graph"]],
  [`servicePrincipals(appId='${appIds.exchange}')?$select=id,appId,displayName`, ["shared-principal-keys"]],
] as const)("Graph that forbids %s: cannot tell", async (part, gates) => {
  const lab = await startHybridLab();
  lab.cloud.onRequest(({ path }) => {
    if (path.includes(part)) lab.cloud.faults.add({ method: "GET", kind: { status: 403 } });
  });
  const table = await checkLab(lab);
  for (const id of gates) {
    expect(gateOf(table, id).state, id).toBe("cannot tell");
    expect(gateOf(table, id).evidence.join("\n"), id).toContain("403");
  }
  expect(table.verdict).toBe("unverified");
});

test("the shell's own messages in Chinese, and deserialised values: the same table", async () => {
  const plain = await checkLab(await startHybridLab());
  const lab = await startHybridLab({
    directory: { manner: { language: "zh-TW", isRemote: true, isChatty: true } },
  });
  const table = await checkLab(lab);
  expect(table.gates.map(({ id, state }) => [id, state])).toEqual(plain.gates.map(({ id, state }) => [id, state]));
});

test("only one half: the gates of the other cannot be told", async () => {
  const lab = await startHybridLab();
  const exchange = await checkLab(lab, { settings: { only: "exchange" } });
  expect(gateOf(exchange, "application-id").state).toBe("ok");
  for (const id of ["application-keys", "consent-ews", "consent-graph", "shared-principal-keys"])
    expect(gateOf(exchange, id).state, id).toBe("cannot tell");
  expect(exchange.verdict).toBe("unverified");
});

test("several EvoSTS: the one of the run's tenant counts; without a tenant each one does", async () => {
  const lab = await startHybridLab();
  const other = "99999999-2222-4333-8444-0123456789ab";
  const server = (type: string): Parameters<typeof withLabObject>[1] =>
    labObject("auth-server", {
      Name: `${type} - ${other}`,
      Type: type,
      Realm: other,
      Enabled: true,
      DomainName: ["x.example"],
    });
  changeLab(lab.directory, (state) => withLabObject(withLabObject(state, server("AzureAD")), server("MicrosoftACS")));
  const one = await checkLab(lab);
  expect(gateOf(one, "application-id")).toMatchObject({
    state: "ok",
    evidence: [expect.stringContaining(hybridAppId)],
  });
  const both = await checkLab(lab, { settings: { only: "exchange", tenant: undefined } });
  expect(gateOf(both, "application-id").state).not.toBe("ok");
  expect(gateOf(both, "application-id").evidence.join("\n")).toContain(other);
});

test("two enabled EvoSTS of one tenant are wrong", async () => {
  const lab = await startHybridLab();
  changeLab(lab.directory, (state) =>
    withLabObject(state, labObject("auth-server", { Name: "EvoSTS", Type: "AzureAD", Realm: tenant, Enabled: true })),
  );
  expect(gateOf(await checkLab(lab), "application-id").state).toBe("wrong");
});

test("a version of Exchange without GraphBaseUrl: cannot tell, not missing", async () => {
  const lab = await startHybridLab();
  changeObjects(lab, "auth-server", evoSts, null);
  const bare = { Name: "EvoSTS", Type: "AzureAD", Realm: tenant, Enabled: true, DomainName: ["contoso.example"] };
  changeLab(lab.directory, (state) =>
    withLabObject(state, labObject("auth-server", { ...bare, ApplicationIdentifier: hybridAppId })),
  );
  expect(gateOf(await checkLab(lab), "graph-base-url").state).toBe("cannot tell");
});

test("a second server: cannot tell until captured traffic shows its build", async () => {
  const lab = await startHybridLab({ directory: { servers: labServers } });
  const alone = gateOf(await checkLab(lab), "builds");
  expect(alone.state).toBe("cannot tell");
  expect(alone.command).toMatch(/^Invoke-Command -ComputerName ex2 /i);
  const seen = [{ server: "ex2", version: "15.2.1748.24" }];
  const table = await checkLab(lab, { seen });
  expect(gateOf(table, "builds").state).toBe("ok");
  expect(gateOf(table, "builds").evidence.join("\n")).toMatch(/ex2: 15\.2\.1748\.24 .*by X-OWA-Version/i);
  expect(gateOf(table, "builds-graph").state).toBe("wrong");
});

test("the name of a load balancer that begins like a server's is not that server", async () => {
  const lab = await startHybridLab({ directory: { servers: ["ex1.contoso.example", "mail.corp.example"] } });
  const seen = [{ server: "mail.contoso.example", version: "15.2.2562.53" }];
  const gate = gateOf(await checkLab(lab, { seen, isDirect: true }), "builds");
  expect(gate.state).toBe("cannot tell");
  expect(gate.evidence.join("\n")).toMatch(/^mail: its ExSetup\.exe cannot be read/m);
  const named = [{ server: "mail.corp.example", version: "15.2.2562.53" }];
  expect(gateOf(await checkLab(lab, { seen: named, isDirect: true }), "builds").state).toBe("ok");
});

test("the build of a load balancer's name counts, but is not a server that an override must name", async () => {
  const lab = await startHybridLab();
  changeObjects(lab, "setting-override", identity, { Server: ["ex1"] });
  const table = await checkLab(lab, { seen: [{ server: "mail.contoso.example", version: "15.1.2507.16" }] });
  expect(gateOf(table, "identity-override").state).toBe("ok");
  expect(gateOf(table, "builds")).toMatchObject({
    state: "wrong",
    evidence: expect.arrayContaining([expect.stringContaining("mail.contoso.example")]),
  });
});

test("the day when rotation breaks it: the next certificate's, and the end of a key", async () => {
  const [current, next] = [authCertificate(), authCertificate()];
  const lab = await startHybridLab({ certificate: current });
  const nextEffective = new Date(Date.now() + 10 * 86_400_000).toISOString();
  const { labCertificate } = await import("../../../src/lab/exchange-shell/lab-directory.ts");
  const stored = [labCertificate(current), labCertificate(next)] as const;
  changeLab(lab.directory, (state) => ({
    ...state,
    certificates: stored,
    authConfig: { ...state.authConfig, next: stored[1].thumbprint, nextEffective },
  }));
  const table = await checkLab(lab);
  expect(table.rotation).toContainEqual(
    expect.objectContaining({
      kind: "breaks-on",
      appId: hybridAppId,
      on: expect.stringContaining(nextEffective.slice(0, 10)),
    }),
  );
  expect(gateOf(table, "application-keys")).toMatchObject({
    state: "missing",
    command: expect.stringContaining("-UpdateCertificate"),
  });
  // App-management policies may cut a key short of its certificate.
  const end = new Date(Date.now() + 300 * 86_400_000).toISOString();
  putKeys(lab, [storedKey(current), storedKey(next, { endDateTime: end })]);
  const short = await checkLab(lab);
  expect(gateOf(short, "application-keys").state).toBe("ok");
  expect(short.rotation).toContainEqual(expect.objectContaining({ kind: "ends-on", on: end }));
});

test("a next certificate that is on no server", async () => {
  const lab = await startHybridLab();
  changeLab(lab.directory, (state) => ({ ...state, authConfig: { ...state.authConfig, next: "A".repeat(40) } }));
  expect(gateOf(await checkLab(lab), "auth-certificate")).toMatchObject({
    state: "wrong",
    evidence: expect.arrayContaining([expect.stringMatching(/next A{40} is on no server/)]),
  });
});

test("replicas of Entra that differ: cannot tell", async () => {
  const lab = await startHybridLab();
  let reads = 0;
  lab.cloud.onRequest(({ path }) => {
    if (!path.includes("/applications(")) return;
    reads += 1;
    if (reads === 2) putKeys(lab, []);
  });
  const table = await checkLab(lab);
  expect(gateOf(table, "application-keys").state).toBe("cannot tell");
  expect(table.rotation).toEqual([]);
});

test("in a cloud without hybrid over Graph its gates are guides", async () => {
  const lab = await startHybridLab();
  changeObjects(lab, "setting-override", routing, null);
  const settings = lab.settings({
    profile: "hybrid-app",
    only: "exchange",
    cloud: "china",
    graphUrl: undefined,
    loginUrl: undefined,
  });
  expect(settings.cloud.name).toBe("china");
  const table = await checkLab(lab, {
    settings: { only: "exchange", cloud: "china", graphUrl: undefined, loginUrl: undefined },
  });
  for (const id of ["builds-graph", "graph-override", "graph-base-url", "consent-graph"])
    expect(gateOf(table, id).isGuide, id).toBe(true);
  expect(table.verdict).not.toBe("failed");
});

test("a name that tries to become script stays data in the command", async () => {
  const lab = await startHybridLab();
  changeObjects(lab, "connector", {}, { Name: "x'; Remove-MailUser ‘y", Enabled: false });
  expect(gateOf(await checkLab(lab), "connector").command).toBe(
    "Set-IntraOrganizationConnector -Identity 'x''; Remove-MailUser ‘‘y' -Enabled $true",
  );
});

test("the application object is read, not its service principal, which shows no keys", async () => {
  const lab = await startHybridLab();
  lab.cloud.store.put({ ...principal(hybridAppId), ...lab.cloud.store.now(hybridAppId), keyCredentials: [] });
  expect(gateOf(await checkLab(lab), "application-keys").state).toBe("ok");
});
