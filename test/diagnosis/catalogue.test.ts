import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { findingCatalogue, renderCatalogue } from "../../src/diagnosis/catalogue.ts";

// To write the page anew: npx vitest run test/diagnosis/catalogue.test.ts -u
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

test("every refusal of x-ms-diagnostics that has a cmdlet in its remedy spells a real one", () => {
  const cmdlets = findingCatalogue.flatMap(
    ({ remedy }) => remedy.match(/\b(?:Get|Set|New|Test|Update|Add)-[A-Z][A-Za-z]+/g) ?? [],
  );
  const known = new Set([
    ..."Get-AuthServer Set-AuthServer New-AuthServer Get-AuthConfig Get-PartnerApplication Set-PartnerApplication".split(
      " ",
    ),
    ..."New-PartnerApplication New-ManagementRoleAssignment Test-OAuthConnectivity Test-ServiceHealth".split(" "),
    ..."Get-WebServicesVirtualDirectory Get-AutodiscoverVirtualDirectory Get-IntraOrganizationConnector".split(" "),
    ..."Get-ExchangeCertificate Get-ExchangeServer Get-CASMailbox Get-OrganizationConfig Get-AuthenticationPolicy".split(
      " ",
    ),
    ..."Get-Recipient Get-MgServicePrincipal Update-MgServicePrincipal".split(" "),
  ]);
  expect(cmdlets.length).toBeGreaterThan(20);
  expect(cmdlets.filter((cmdlet) => !known.has(cmdlet))).toEqual([]);
});
