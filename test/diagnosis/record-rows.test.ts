// What events of Windows and sign-ins of Entra come to, from the text of a file to the verdict.
import { expect, test } from "vitest";
import type { Analysis } from "../../src/diagnosis/analysis.ts";
import { languages, otherSource, xmlEvent } from "../server-logs/records/event-texts.ts";
import { readRecords } from "../server-logs/records/read-records.ts";
import { judgeRows } from "./log-rows.ts";

const judge = (text: string): Analysis => judgeRows(...(readRecords(text)?.rows ?? []));

const signIn = (errorCode: number): object => ({
  createdDateTime: "2026-11-30T08:15:30Z",
  appId: "00000002-0000-0ff1-ce00-000000000000",
  servicePrincipalId: "77665544-3322-4100-8fee-ddccbbaa9988",
  resourceId: "00000003-0000-0000-c000-000000000000",
  resourceTenantId: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
  status: { errorCode, failureReason: "x" },
});

test.each(Object.entries(languages))("a token that was refused by an event, %s", (_language, event) => {
  const { verdict, handshakes } = judge(xmlEvent(event));
  expect(verdict).toBe("oauth-rejected");
  expect(handshakes).toMatchObject([{ direction: "inbound", basis: "log", realm: "contoso.com" }]);
});

test("an event of another source with the same number says nothing", () => {
  expect(judge(xmlEvent(otherSource))).toMatchObject({ verdict: "none", handshakes: [] });
});

test("a sign-in that was given a token confirms nothing", () => {
  const { verdict, handshakes } = judge(JSON.stringify({ value: [signIn(0)] }));
  expect(verdict).not.toBe("oauth-confirmed");
  expect(handshakes.map((one) => one.verdict)).not.toContain("oauth-confirmed");
});

test("a sign-in that was refused is a refusal by Entra, not by Exchange", () => {
  const { handshakes } = judge(JSON.stringify({ value: [signIn(700027)] }));
  expect(handshakes).toMatchObject([
    {
      verdict: "oauth-rejected",
      server: "Microsoft Entra ID",
      direction: "outbound",
      realm: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
      callerShownBy: "sign-in log",
    },
  ]);
});
