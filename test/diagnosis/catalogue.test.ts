import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { callErrors } from "../../src/diagnosis/catalogue/call-errors.ts";
import { onlineRemedies } from "../../src/diagnosis/catalogue/online-remedies.ts";
import { refusalDetails } from "../../src/diagnosis/catalogue/refusal-details.ts";
import { certificateRemedyFor } from "../../src/diagnosis/catalogue/sts-remedies.ts";
import { findingCatalogue, renderCatalogue } from "../../src/diagnosis/catalogue.ts";

// To rewrite the page: npx vitest run test/diagnosis/catalogue.test.ts -u
test("docs/findings.md is what the catalogue renders", async () => {
  expect(existsSync("docs/findings.md")).toBe(true);
  await expect(renderCatalogue()).toMatchFileSnapshot("../../docs/findings.md");
});

test.each(findingCatalogue.map((entry) => [entry.code, entry] as const))(
  "%s is a stable code with whole texts",
  (code, entry) => {
    expect(code).toMatch(/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/);
    for (const text of [entry.summary, entry.onTheWire, entry.remedy]) expect(text).toMatch(/^.{12,}\.$/s);
    expect(entry.summary).not.toMatch(/\. [A-Z]/);
  },
);

const variants = findingCatalogue.flatMap(({ code, remedy, variants = [] }) =>
  variants.map(({ when, remedy: own }) => [code, when, own, remedy] as const),
);

test.each(variants)("%s, where %s: a complete and different remedy", (_code, when, own, general) => {
  expect(when).toMatch(/^[a-zA-Z].{10,}[^.]$/);
  expect(own).toMatch(/^.{12,}\.$/s);
  expect(own).not.toBe(general);
  expect(own).not.toMatch(/undefined|ffffffff-/);
});

test("remedies that depend on the answering service name existing findings", () => {
  const codes = new Set<string>(findingCatalogue.map(({ code }) => code));
  expect(Object.keys(onlineRemedies).filter((code) => !codes.has(code))).toEqual([]);
});

test("every severity is used, and alarms are kept for credentials and tenant boundaries", () => {
  const alarms = findingCatalogue.filter(({ severity }) => severity === "alarm").map(({ code }) => code);
  expect(alarms.sort()).toEqual([
    "ACTOR_TOKEN_FOR_GRAPH",
    "ACTOR_UNSIGNED",
    "BASIC_FALLBACK",
    "CROSS_TENANT_ACTOR",
    "PASSWORD_GRANT",
    "UNSIGNED_TOKEN_ACCEPTED",
    "USER_OF_OTHER_TENANT",
  ]);
});

test("every cmdlet that a remedy names is a real one", () => {
  const remedies = [
    ...findingCatalogue.flatMap(({ remedy, variants = [] }) => [remedy, ...variants.map((variant) => variant.remedy)]),
    ...refusalDetails.map(({ remedy }) => remedy),
    ...callErrors.flatMap(({ remedy, remedyOnline }) => [remedy, remedyOnline]),
  ];
  const cmdlets = remedies.flatMap(
    (remedy) => remedy.match(/\b(?:Get|Set|New|Test|Update|Add|Start|Remove|Enable)-[A-Z][A-Za-z]+/g) ?? [],
  );
  // learn.microsoft.com: ExchangePowerShell, Microsoft.Graph.Applications
  const known = new Set(
    `Get-AuthServer Set-AuthServer New-AuthServer Get-AuthConfig Get-PartnerApplication Set-PartnerApplication
New-PartnerApplication New-ManagementRoleAssignment Get-ManagementRoleAssignment Test-OAuthConnectivity Test-ServiceHealth
Get-WebServicesVirtualDirectory Get-AutodiscoverVirtualDirectory Get-IntraOrganizationConnector Get-ExchangeCertificate
Get-ExchangeServer Get-CASMailbox Get-OrganizationConfig Get-AuthenticationPolicy Get-Recipient Get-Mailbox New-MoveRequest
Get-MoveRequest Get-MailboxDatabaseCopyStatus Test-NetConnection Get-ThrottlingPolicy Get-ThrottlingPolicyAssociation Get-AcceptedDomain
Get-MgServicePrincipal Update-MgServicePrincipal Set-ADAccountPassword Start-ADSyncSyncCycle Get-ExchangeDiagnosticInfo
Set-OrganizationConfig Get-SettingOverride Set-WebServicesVirtualDirectory Get-Command Get-EXORecipient Get-MailboxPermission
Test-ApplicationAccessPolicy Test-ServicePrincipalAuthorization Get-MgServicePrincipalAppRoleAssignment`.split(/\s+/),
  );
  expect(cmdlets.length).toBeGreaterThan(60);
  expect([...new Set(cmdlets)].filter((cmdlet) => !known.has(cmdlet))).toEqual([]);
});

const isWorthDoing = findingCatalogue.filter(({ severity }) => severity !== "info");

test.each(isWorthDoing.map(({ code, remedy }) => [code, remedy] as const))("%s: something to type", (_code, remedy) => {
  expect(remedy).toMatch(/\b[A-Z][a-z]+-[A-Z][A-Za-z]+|w32tm|iisreset|curl\.exe|realmscope [a-z]+|--[a-z]{3}|\.ps1 -/);
});

const remedyOf = (code: string): string => findingCatalogue.find((entry) => entry.code === code)?.remedy ?? "";

// "Integration between Microsoft Teams services and Exchange Server": the caution of its last step
test("the legacy application is not to be removed", () => {
  expect(remedyOf("LEGACY_PRINCIPAL_ONLY")).toContain("Do not remove 00000004 yet");
});

test("certificates are uploaded with Microsoft Graph PowerShell", () => {
  const teams = "7557eb47-c689-4224-abcf-aef9bd7573df";
  const remedy = certificateRemedyFor({ callerId: teams, resourceHost: "" }) ?? "";
  expect(remedy).toContain("Get-MgServicePrincipal -Filter");
  expect(remedy).toContain("realmscope provision");
  expect(findingCatalogue.map(({ remedy }) => remedy).join()).not.toMatch(/Msol|AzureAD/);
});
