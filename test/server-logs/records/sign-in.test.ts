// Members and columns: resource type `signIn` of Microsoft Graph (auditLogs/signIns), the Azure Monitor schema of sign-in logs, the
// table AADServicePrincipalSignInLogs of Log Analytics, and the download of the Entra portal. The values are made up.
import { describe, expect, test } from "vitest";
import { quoted } from "./event-texts.ts";
import { readRecords } from "./read-records.ts";

const exchange = "00000002-0000-0ff1-ce00-000000000000";
const application = "11111111-2222-4333-8444-555555555555";
const tenant = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
const workspace = "99999999-9999-4999-8999-999999999999";
const correlation = "3f0d5a52-7a1c-4d0e-9b0c-1f2e3d4c5b6a";
const thumbprint = "A1B2C3D4E5F6A1B2C3D4E5F6A1B2C3D4E5F6A1B2";
const at = "2026-11-30T08:15:30.123Z";
const reason = "The certificate with identifier used to sign the client assertion is not registered.";

interface Sample {
  readonly code: number;
  readonly appId: string;
  readonly resourceId: string;
  readonly resource: string;
}

const given: Sample = { code: 0, appId: application, resourceId: exchange, resource: "Office 365 Exchange Online" };
const refused: Sample = { ...given, code: 700027 };
const other: Sample = {
  ...given,
  resourceId: "797f4846-ba00-4fd7-ba43-dac1f8f63013",
  resource: "Azure Resource Manager",
};

const graph = ({ code, appId, resourceId, resource }: Sample): object => ({
  id: "5d4e3f2a-1b0c-4d8e-9f6a-5b4c3d2e1f09",
  createdDateTime: at,
  userDisplayName: null,
  userPrincipalName: null,
  userId: "",
  appId,
  appDisplayName: null,
  ipAddress: "198.51.100.21",
  correlationId: correlation,
  resourceDisplayName: resource,
  resourceId,
  resourceTenantId: tenant,
  homeTenantId: tenant,
  servicePrincipalId: "77665544-3322-4100-8fee-ddccbbaa9988",
  servicePrincipalName: "ExchangeServerApp",
  servicePrincipalCredentialKeyId: "11112222-3333-4444-8555-666677778888",
  servicePrincipalCredentialThumbprint: thumbprint,
  signInEventTypes: ["servicePrincipal"],
  status: { errorCode: code, failureReason: code === 0 ? null : reason, additionalDetails: null },
});

const monitor = (sample: Sample): object => ({
  time: at,
  resourceId: `/tenants/${tenant}/providers/Microsoft.aadiam`,
  operationName: "Sign-in activity",
  operationVersion: "1.0",
  category: "ServicePrincipalSignInLogs",
  tenantId: tenant,
  resultType: String(sample.code),
  resultSignature: sample.code === 0 ? "SUCCESS" : "FAILURE",
  resultDescription: reason,
  durationMs: 0,
  callerIpAddress: "198.51.100.21",
  correlationId: correlation,
  properties: { ...graph(sample), resourceTenantId: undefined, homeTenantId: undefined },
});

const analytics = ({ code, appId, resourceId, resource }: Sample): object => ({
  TenantId: workspace,
  SourceSystem: "Azure AD",
  TimeGenerated: at,
  OperationName: "Sign-in activity",
  Category: "ServicePrincipalSignInLogs",
  ResultType: String(code),
  ResultSignature: code === 0 ? "SUCCESS" : "FAILURE",
  ResultDescription: code === 0 ? "" : reason,
  CorrelationId: correlation,
  AppId: appId,
  ServicePrincipalId: "77665544-3322-4100-8fee-ddccbbaa9988",
  ServicePrincipalName: "ExchangeServerApp",
  IPAddress: "198.51.100.21",
  ResourceDisplayName: resource,
  ResourceIdentity: resourceId,
  ResourceTenantId: tenant,
  ServicePrincipalCredentialThumbprint: thumbprint,
  Type: "AADServicePrincipalSignInLogs",
});

const portalColumns = [
  ...["Date (UTC)", "Request ID", "Correlation ID", "Service principal ID", "Service principal name", "Application ID"],
  ...["Resource", "Resource ID", "Resource tenant ID", "Home tenant ID", "IP address", "Location", "Status"],
  ...["Sign-in error code", "Failure reason", "Service principal credential thumbprint"],
];
const portal = ({ code, appId, resourceId, resource }: Sample): readonly string[] => [
  ...[
    "2026-11-30T08:15:30.123Z",
    "5d4e3f2a-1b0c-4d8e-9f6a-5b4c3d2e1f09",
    correlation,
    "77665544-3322-4100-8fee-ddccbbaa9988",
  ],
  ...["ExchangeServerApp", appId, resource, resourceId, tenant, tenant, "198.51.100.21", "Oslo, NO"],
  ...[code === 0 ? "Success" : "Failure", code === 0 ? "" : String(code), code === 0 ? "" : reason, thumbprint],
];

const analyticsCsv = (sample: Sample): readonly string[] => {
  const row = { ...(analytics(sample) as Record<string, string>), TimeGenerated: "11/30/2026, 8:15:30.123 AM" };
  return Object.values(row);
};

const forms: Readonly<Record<string, (samples: readonly Sample[]) => string>> = {
  "an answer of Microsoft Graph": (samples) =>
    JSON.stringify(
      { "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#auditLogs/signIns", value: samples.map(graph) },
      null,
      2,
    ),
  "an array of sign-ins, the portal's JSON": (samples) => JSON.stringify(samples.map(graph)),
  "records of Azure Monitor, one a line": (samples) => samples.map((one) => JSON.stringify(monitor(one))).join("\n"),
  "records of Azure Monitor from an event hub": (samples) => JSON.stringify({ records: samples.map(monitor) }),
  "rows of Log Analytics": (samples) => JSON.stringify(samples.map(analytics), null, 2),
  "rows of Log Analytics as CSV": (samples) =>
    [
      quoted(Object.keys(analytics(given)).map((name) => (name === "TimeGenerated" ? "TimeGenerated [UTC]" : name))),
      ...samples.map((one) => quoted(analyticsCsv(one))),
    ].join("\n"),
  "an answer of the interface of Log Analytics": (samples) => {
    const columns = Object.keys(analytics(given)).map((name) => ({ name, type: "string" }));
    return JSON.stringify({
      tables: [{ name: "PrimaryResult", columns, rows: samples.map((one) => Object.values(analytics(one))) }],
    });
  },
  "the portal's CSV": (samples) =>
    `\ufeff${[quoted(portalColumns), ...samples.map((one) => quoted(portal(one)))].join("\r\n")}`,
};

describe.each(Object.entries(forms))("%s", (_form, write) => {
  test("a token that was given, and one that was refused", () => {
    const read = readRecords(write([given, refused, other]));
    expect(read).toMatchObject({ log: "entra-sign-in", dropped: 1, unreadable: 0, missingColumns: [], localTimes: 0 });
    const common = {
      log: "entra-sign-in",
      side: "token-service",
      direction: "to-cloud",
      endedAt: Date.parse(at),
      caller: { applicationId: application, shownBy: "sign-in log" },
      realm: tenant,
      client: "198.51.100.21",
      clientRequestId: correlation,
      operation: exchange,
      certificate: thumbprint.toLowerCase(),
      status: null,
      printedToken: null,
    };
    expect(read?.rows).toHaveLength(2);
    expect(read?.rows[0]).toMatchObject({ ...common, isTokenGiven: true, refusal: null });
    expect(read?.rows[1]).toMatchObject({ ...common, isTokenGiven: false, refusal: { code: 700027, text: reason } });
  });

  test("the name of the principal is not kept", () => {
    expect(JSON.stringify(readRecords(write([given, refused]))?.rows)).not.toContain("ExchangeServerApp");
  });

  test.each([1, 13, 100_000])("in pieces of %i characters", (piece) => {
    const text = write([given, refused, other]);
    expect(readRecords(text, piece)).toEqual(readRecords(text));
  });
});

test("persons and managed identities are dropped, known applications are kept for any resource", () => {
  const person = { ...graph(given), signInEventTypes: ["interactiveUser"], userPrincipalName: "anna@contoso.com" };
  const managed = { ...graph(given), signInEventTypes: ["managedIdentity"] };
  const known = graph({ ...other, appId: "00000004-0000-0FF1-CE00-000000000000" });
  const read = readRecords(JSON.stringify({ value: [person, managed, known] }));
  expect(read).toMatchObject({ dropped: 2 });
  expect(read?.rows.map(({ caller }) => caller?.applicationId)).toEqual(["00000004-0000-0ff1-ce00-000000000000"]);
});

test("a result in words alone, and a number in the description", () => {
  const words = { ...analytics(given), ResultType: "Success" };
  const described = {
    ...analytics(given),
    ResultType: "Failure",
    ResultDescription: "AADSTS700016: no such application",
  };
  const silent = { ...analytics(given), ResultType: "" };
  const rows = readRecords(JSON.stringify([words, described, silent]))?.rows ?? [];
  expect(rows.map(({ isTokenGiven }) => isTokenGiven)).toEqual([true, false, null]);
  expect(rows[1]?.refusal?.code).toBe(700016);
});

test("CSV without the columns that judging needs names them", () => {
  const read = readRecords(
    `${quoted(["Application ID", "Service principal ID", "Status"])}\n${quoted([application, "x", "Success"])}`,
  );
  expect(read).toMatchObject({ rows: [], unreadable: 1, missingColumns: ["createdDateTime"] });
});

test("hostile members change nothing else", () => {
  const hostile = {
    ...graph(refused),
    status: { errorCode: 50012, failureReason: `=cmd|' /C calc'!A1\r\n\u001b[2J${"x".repeat(5000)}` },
    servicePrincipalCredentialThumbprint: "<b>not a thumbprint</b>",
    ["__proto__"]: { appId: "00000004-0000-0ff1-ce00-000000000000" },
  };
  const [row] = readRecords(JSON.stringify({ value: [hostile] }))?.rows ?? [];
  expect(row?.certificate).toBeUndefined();
  expect(row?.refusal?.text.length).toBeLessThanOrEqual(300);
  expect(row?.caller?.applicationId).toBe(application);
});

test("a sign-in that is cut or of another shape is counted", () => {
  const text = JSON.stringify({ value: [graph(given), { appId: "x" }, graph(refused)] });
  expect(readRecords(text.slice(0, -40))).toMatchObject({ unreadable: 2, rows: [{ isTokenGiven: true }] });
});
