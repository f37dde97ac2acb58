// Remedies must not do harm: every command that the product recommends is parsed and checked here.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { wellKnownApplications } from "../../src/core/well-known-applications.ts";
import type { DiagnosticsCause } from "../../src/decoders/facts.ts";
import { remedyOf } from "../../src/decoders/messages/diagnostics.ts";
import { callErrorRemedy, callErrors } from "../../src/diagnosis/catalogue/call-errors.ts";
import { explain, type Finding } from "../../src/diagnosis/catalogue/finding.ts";
import { onlineRemedies } from "../../src/diagnosis/catalogue/online-remedies.ts";
import { refusalDetails } from "../../src/diagnosis/catalogue/refusal-details.ts";
import { stsErrorRemedy, stsErrors } from "../../src/diagnosis/catalogue/sts-errors.ts";
import { findingCatalogue } from "../../src/diagnosis/catalogue.ts";
import { complaintsOf, literalsIn, pipelinesIn } from "../support/command-rules.ts";
import { allCases } from "./cases/all-cases.ts";
import { judge, newStory, otherTenant } from "./story.ts";

const outlook = "d3590ed6-52b3-4102-aeff-aad2292ab01c";
const shared = "00000002-0000-0ff1-ce00-000000000000";
const callers = ["", otherTenant, outlook, ...wellKnownApplications.map(({ id }) => id)];
const hosts = [
  "mail.contoso.com",
  "outlook.office365.com",
  "graph.microsoft.com",
  "partner.outlook.cn",
  "x';Remove-Item *",
];

/** Every detail that any finding has, with a value for each. */
const details = {
  host: "mail.contoso.com",
  caller: "the caller",
  callerId: "",
  resourceHost: "",
  answer: "refused",
  detail: null,
  error: "AADSTS700027",
  meaning: "x",
  audience: "https://owa.contoso.com/",
  service: "Azure AD Graph",
  application: "",
  signIn: "unknown",
  near: "",
  isEws: true,
  isBefore: false,
  use: "call",
  claims: "",
  issuedAfter: null,
  expiredAt: 0,
  validFrom: 0,
  at: 0,
  seconds: 0,
  status: 403,
  endpoint: "ews",
  why: "after-probe",
  resource: "graph",
  missing: "Calendars.Read",
  features: "free/busy",
  servers: "10.0.0.7",
  source: "",
  log: "HttpProxy",
  how: "hours",
  hours: 1,
  from: 0,
  columns: "GenericInfo",
  lines: 1,
  newest: 0,
  until: 1,
  isRaw: true,
  rows: 1,
  logs: "HttpProxy",
  hasFrontEnd: true,
  what: "answer",
  reason: "AppOffline",
  event: 2002,
  server: "EX01",
};

/** Each code with every detail that its remedy depends on: caller, host, resource, error. */
function variants(): readonly (readonly [name: string, remedy: string, message: string])[] {
  const changes: Readonly<Record<string, unknown>>[] = hosts.flatMap((host) =>
    callers.map((callerId) => ({ host, resourceHost: host, callerId, caller: `${callerId}@contoso.com` })),
  );
  for (const { detail } of refusalDetails) changes.push({ detail });
  for (const { errorCode } of stsErrors) changes.push({ error: errorCode });
  for (const { code } of callErrors) for (const host of hosts) changes.push({ error: code, host });
  for (const signIn of ["adfs", "global", "us-government", "china", "sovereign-fr", "sovereign-de"])
    changes.push({ signIn });
  for (const host of hosts) changes.push({ audience: `https://${host}/`, isEws: false, near: "x (y)", isBefore: true });
  return findingCatalogue.flatMap(({ code }) =>
    changes.map((change) => {
      const { message, remedy } = explain({ code, ...details, ...change } as unknown as Finding);
      return [`${code} ${JSON.stringify(change)}`, remedy, message] as const;
    }),
  );
}

const causes: readonly DiagnosticsCause[] = [
  "invalid_signature",
  "invalid_token",
  "token_expired",
  "invalid_resource",
  "invalid_tenant",
  "invalid_user",
  "invalid_client",
  "internal_error",
  "invalid_grant",
  "invalid_certificate",
  "oauth_not_available",
  "insufficient_auth_strength",
  "insufficient_claims",
  "unknown",
];

const sourceNames = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));

function told(texts: readonly (readonly [name: string, text: string, ...string[]])[]): readonly string[] {
  return texts.flatMap(([name, text]) => complaintsOf(text).map((complaint) => `${name}: ${complaint}`));
}

describe("no advice writes an unread list or changes all that a Get- gives", () => {
  test("the catalogue, by caller, host, resource, cloud and error", () => {
    const all = variants();
    expect(all.length).toBeGreaterThan(10_000);
    expect(told(all)).toEqual([]);
  });

  test("the other tables of remedies", () => {
    expect(
      told([
        ...findingCatalogue.map(({ code, remedy, onTheWire }) => [code, `${onTheWire} ${remedy}`] as const),
        ...findingCatalogue.flatMap(({ code, variants = [] }) => variants.map(({ remedy }) => [code, remedy] as const)),
        ...refusalDetails.map(({ detail, remedy }) => [detail, remedy] as const),
        ...callErrors.flatMap(({ code }) =>
          [true, false].map((isOnline) => [code, callErrorRemedy(code, isOnline) ?? ""] as const),
        ),
        ...stsErrors.map(({ errorCode }) => [errorCode, stsErrorRemedy(errorCode) ?? ""] as const),
        ...Object.entries(onlineRemedies),
        ...causes.map((cause) => [cause, remedyOf(cause)] as const),
      ]),
    ).toEqual([]);
  });

  test("the findings of real traffic", () => {
    const said = allCases.flatMap((one) => {
      const transaction = newStory();
      const { findings } = judge(
        one.story.map((step) => ("kind" in step ? step : transaction(step))),
        one.options,
      );
      return findings.map(({ message, remedy }) => [one.name, `${message} ${remedy}`] as const);
    });
    expect(said.length).toBeGreaterThan(300);
    expect(told(said)).toEqual([]);
  });

  const pages = ["README.md", ...readdirSync("docs").map((name) => join("docs", name))].filter((name) =>
    name.endsWith(".md"),
  );
  test.each(pages)("%s", (page) => {
    expect(complaintsOf(readFileSync(page, "utf8").replace(/\\([<>|*_`])/g, "$1"))).toEqual([]);
  });

  test("every text of the program, with its scripts and hints", () => {
    const found = sourceNames.flatMap((name) =>
      literalsIn(readFileSync(join("src", name), "utf8")).flatMap((text) =>
        complaintsOf(text, false).map((complaint) => `${name}: ${complaint}`),
      ),
    );
    expect(found).toEqual([]);
  });
});

// Equal findings are joined by code and message, so the remedy of the first would replace the others.
test("findings with different remedies have different messages", () => {
  const remedies = new Map<string, Set<string>>();
  for (const [name, remedy, message] of variants()) {
    const key = `${name.slice(0, name.indexOf(" "))} ${message}`;
    remedies.set(key, (remedies.get(key) ?? new Set()).add(remedy));
  }
  expect([...remedies].filter(([, own]) => own.size > 1).map(([key]) => key)).toEqual([]);
});

test("Set-AuthServer enables nothing where the challenge is not one of Exchange in the global cloud", () => {
  for (const signIn of ["adfs", "us-government", "china", "sovereign-fr", "sovereign-de"])
    expect(explain({ code: "TRUSTED_ISSUERS_UNKNOWN", host: "x", signIn } as Finding).remedy).not.toMatch(
      /-Enabled \$true/,
    );
  const other: Finding = { code: "CHALLENGE_OF_ANOTHER_APPLICATION", host: "x", application: otherTenant };
  expect(explain(other).remedy).not.toContain("Set-");
});

test("no remedy gives the shared service principal a key", () => {
  for (const [name, text] of variants().filter(([name]) => name.includes(`"callerId":"${shared}"`))) {
    if (/^STS_REFUSED_CERTIFICATE/.test(name)) {
      expect(text).toContain("Upload nothing");
      expect(text).not.toMatch(/-UpdateCertificate|provision apply|upload it/);
    }
    // Nor does one admit it to EWS, where it is blocked for good.
    if (/^EWS_(?:OFF|APP)/.test(name)) expect(text).not.toContain("Set-OrganizationConfig");
  }
});

test("every renewal of the auth certificate works in a hybrid organisation", () => {
  const literals = sourceNames.flatMap((name) => literalsIn(readFileSync(join("src", name), "utf8")));
  const renewals = [...literals, ...variants().map(([, remedy]) => remedy)].flatMap((text) =>
    [...text.matchAll(/MonitorExchangeAuthCertificate\.ps1([^.;,)]*)/g)].map(([, rest]) => rest),
  );
  expect(renewals.length).toBeGreaterThan(100);
  expect(renewals.filter((rest) => rest?.includes("-IgnoreHybridConfig $true") !== true)).toEqual([]);
});

test("no remedy for Exchange Online uses cmdlets that only Exchange Server has", () => {
  const online = variants().filter(([name]) => /^(?:REFUSED|USER|PARTNER|LINKED|AUTH|OAUTH)_/.test(name));
  for (const [name, text] of online.filter(([name]) => name.includes('"host":"outlook.office365.com"')))
    expect(text, name).not.toMatch(/(?:Set|New)-(?:PartnerApplication|AuthServer|AuthConfig)|iisreset/);
});

test("a captured host that is not a plain name appears in no command", () => {
  for (const [, text] of variants()) expect(text.match(/https:\/\/x';/)).toBeNull();
});

// The rules themselves: commands that do harm, and similar ones that do not.
describe("the rules", () => {
  test.each([
    "Update-MgServicePrincipal -ServicePrincipalNames (all hosts)",
    "upload it again (Update-MgServicePrincipal).",
    "Update-MgServicePrincipal -ServicePrincipalId $id -KeyCredentials $keys",
    "Update-MgServicePrincipal -ServicePrincipalId $id -KeyCredentials @{ Type = 'AsymmetricX509Cert' }",
    "$sp = Get-MgServicePrincipal -Filter x; Update-MgServicePrincipal -ServicePrincipalId $sp.Id -ServicePrincipalNames 'https://mail'",
    "Update-MgApplication -ApplicationId x -KeyCredentials $new",
    "Set-OrganizationConfig -EwsAllowedAppIDs '11111111-2222-4333-8444-555555555555'",
    "Set-OrganizationConfig -EwsAllowList 'SkypeSpaces/*','*Teams/*'",
    "Set-CASMailbox anna -EwsBlockList x",
    "Set-AuthServer EvoSts -DomainName contoso.com",
    "Get-PartnerApplication | Set-PartnerApplication -LinkedAccount <account>",
    "Get-AuthServer | Set-AuthServer -Enabled $true",
    "Get-PartnerApplication | Where-Object Enabled | Remove-PartnerApplication",
    "Get-PartnerApplication | Where-Object Name -like '*' | Disable-PartnerApplication",
    "Get-MailUser * | Remove-MailUser -Confirm:$false",
    "Get-MailUser -ResultSize Unlimited | Disable-MailUser",
    `$sp = Get-MgServicePrincipal -Filter "appId eq '${shared}'"; $keys = $sp.KeyCredentials; Update-MgServicePrincipal -ServicePrincipalId $sp.Id -KeyCredentials $keys`,
  ])("%s harms", (text) => {
    expect(complaintsOf(text)).not.toEqual([]);
  });

  test.each([
    "$sp = Get-MgServicePrincipal -Filter x; Update-MgServicePrincipal -ServicePrincipalId $sp.Id -ServicePrincipalNames ($sp.ServicePrincipalNames + 'https://mail')",
    "$ids = (Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy).EwsAllowedAppIDs; $new = $ids + ',x'; Set-OrganizationConfig -EwsAllowedAppIDs $new",
    "Set-OrganizationConfig -EwsAllowList @{Add='SkypeSpaces/*'}",
    "Set-ExchangeServer EX01 -InternetWebProxy http://watcher:8080",
    "Set-PartnerApplication <its name> -LinkedAccount <account>, then New-ManagementRoleAssignment -Role UserApplication -User <account>.",
    "Get-PartnerApplication | Where-Object ApplicationIdentifier -eq 00000004-0000-0ff1-ce00-000000000000 | Set-PartnerApplication -Enabled $true",
    "Get-MailUser 'TeamsScheduler' | Remove-MailUser",
    "Get-ChildItem Cert:\\LocalMachine\\Root | Where-Object Subject -like 'CN=realmscope*' | Remove-Item",
    "Get-AuthServer | Format-List Name,Realm",
  ])("%s does not", (text) => {
    expect(complaintsOf(text)).toEqual([]);
  });

  test("a sentence is taken apart into its commands", () => {
    const text = "Get-Aa | Format-List B,C shows it; then Set-Aa <name> -D $true, and see Get-Ee -F 'x y' -G.";
    expect(pipelinesIn(text).map((one) => one.map(({ name, values }) => [name, Object.fromEntries(values)]))).toEqual([
      [
        ["Get-Aa", {}],
        ["Format-List", { "": "B,C" }],
      ],
      [["Set-Aa", { "": "<name>", d: "$true" }]],
      [["Get-Ee", { f: "'x y'", g: "" }]],
    ]);
  });

  test("the texts of a source are its literals, with a mark for each placeholder of a template", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a source
    const source = 'const a = "x\\"y"; // "not this" one\n// "nor this"\nf(`a ${b ? `c` : "d"} e`);';
    expect(literalsIn(source)).toEqual(['x"y', "not this", "c", "d", "a <x> e"]);
  });
});
