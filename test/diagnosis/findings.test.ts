// Every code is reported for the traffic that shows it, and not for similar traffic that does not.
import { describe, expect, test } from "vitest";
import { findingCatalogue } from "../../src/diagnosis/catalogue.ts";
import { allCases, caseGroups } from "./cases/all-cases.ts";
import { assertion, codes, exchange, judge, mail, newStory, otherTenant, scheduler, tokenRequest } from "./story.ts";

describe.each(Object.entries(caseGroups))("%s", (_group, cases) => {
  test.each(cases.map((one) => [one.name, one] as const))("%s", (_name, one) => {
    const transaction = newStory();
    const analysis = judge(
      one.story.map((step) => ("kind" in step ? step : transaction(step))),
      one.options,
    );
    const shown = one.shows ?? [];
    expect(codes(analysis)).toEqual(expect.arrayContaining([...shown]));
    for (const code of one.never ?? []) expect(codes(analysis)).not.toContain(code);
    const catalogue = findingCatalogue.find(({ code }) => code === shown[0])?.severity;
    const ofCode = analysis.findings.filter(({ code }) => code === shown[0]);
    if (shown.length > 0) expect(ofCode.map(({ severity }) => severity)).toContain(one.severity ?? catalogue);
    if (one.says !== undefined)
      expect(ofCode.map(({ message, remedy }) => `${message} ${remedy}`).join("\n")).toContain(one.says);
  });
});

test("two applications with the same refusal are two findings, each with its remedy", () => {
  const transaction = newStory();
  const refuse = (caller: string, resource: string) =>
    transaction(
      tokenRequest({
        error: "invalid_client",
        description: "AADSTS700027: x",
        assertion: assertion({ caller }),
        resource,
      }),
    );
  const { findings } = judge([refuse(exchange, mail), refuse(otherTenant, mail), refuse(scheduler, mail)]);
  const refused = findings.filter(({ code }) => code === "STS_REFUSED_CERTIFICATE");
  expect(
    refused.map(({ remedy }) => /Upload nothing|-UpdateCertificate, which|every other key/.exec(remedy)?.[0]),
  ).toEqual(["Upload nothing", "-UpdateCertificate, which", "every other key"]);
});

test("every code of the catalogue is shown by a case here or by a test of its own", () => {
  const shown = new Set(allCases.flatMap(({ shows }) => shows ?? []));
  // The output of Microsoft's tests is pasted, never captured: test/decoders/pasted/connectivity-test.test.ts.
  const pasted = [
    "WEB_PROXY_REFUSED",
    "SIGNING_CERTIFICATE_MISSING",
    "CONNECTIVITY_TEST_FAILED",
    "CONNECTIVITY_TEST_PASSED",
  ];
  const elsewhere = ["TOKEN_OUT_OF_DATE", "HANDSHAKES_FORGOTTEN", ...pasted];
  const unseen = findingCatalogue.map(({ code }) => code).filter((code) => !shown.has(code));
  expect(new Set(unseen)).toEqual(new Set(elsewhere));
});

test("findings hold only printable ASCII, whatever the traffic contains", () => {
  const evil = "\u001b]0;x\u0007\u009d\r\n\u202e";
  const transaction = newStory();
  const analysis = judge([
    transaction({
      host: "mail.contoso.com\u001b[2J",
      status: 401,
      authorization: `Bearer ${evil}`,
      answer: [
        ["Server", evil],
        ["WWW-Authenticate", evil],
        ["X-FEServer", evil],
      ],
    }),
    { kind: "upstream-failed", at: 0, client: evil, host: evil, port: 1, reason: evil },
    { kind: "tls-rejected", at: 0, client: evil, host: evil, side: "client", reason: evil },
  ]);
  expect(analysis.findings.length).toBeGreaterThan(1);
  for (const { message, remedy } of analysis.findings) expect(message + remedy).toMatch(/^[\x20-\x7e]+$/);
});
