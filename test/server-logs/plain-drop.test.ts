// Whatever the cells: a row that is plainly dropped is one that its reader drops.
import { expect, test } from "vitest";
import { startLogText } from "../../src/server-logs/log-text.ts";

const columns = [
  ...["DateTime", "RequestId", "Protocol", "UrlStem", "AuthenticationType", "IsAuthenticated", "AuthenticatedUser"],
  ...["UserAgent", "ClientIpAddress", "ServerHostName", "HttpStatus", "BackEndStatus", "GenericInfo", "GenericErrors"],
];

const choices = {
  DateTime: ["2026-11-30T08:00:00.000Z", "soon"],
  Protocol: ["Ews", "Mapi"],
  AuthenticationType: ["Bearer", "NTLM", "Negotiate", "Basic", ""],
  IsAuthenticated: ["true", "false", ""],
  AuthenticatedUser: [
    ...["CONTOSO\\HealthMailbox1a2b3c", "CONTOSO\\EX01$", "S-1-5-21-1-2-3-4", "CONTOSO\\anna"],
    ...["S2S~00000004-0000-0ff1-ce00-000000000000", "<unverified>actas1(smtp:a@contoso.example)", ""],
  ],
  UserAgent: [
    ...["AMProbe/Local/ClientAccess", "AMProbe/x SkypeSpaces/1a$*+", "Microsoft Office/16.0", "SkypeSpaces/1a$*+"],
    ...["ASProxy/CrossForest/EmailDomain//15.20", "", "x AMProbe/Local"],
  ],
  ClientIpAddress: ["127.0.0.1", "192.0.2.10"],
  HttpStatus: ["200", "401"],
  GenericInfo: [
    ...["", "ActAsUserVerified=True;", "OAuthError=x;OAuthErrorCategory=InvalidToken;"],
    "S:ServiceCommonMetadata.OAuthExtraInfo=Category:S2SAppActAs|AppId:S2S~00000004-0000-0ff1-ce00-000000000000;",
  ],
};

/** The same numbers in every run (a linear congruential generator of Numerical Recipes). */
function startNumbers(): (below: number) => number {
  let state = 17;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("no row that its reader keeps, or cannot read, is plainly dropped", () => {
  const number = startNumbers();
  const text = startLogText();
  const place = { id: "l1", file: "a.LOG", line: 1 };
  for (const line of [
    "#Software: Microsoft Exchange Server",
    "#Log-type: HttpProxy Logs",
    `#Fields: ${columns.join(",")}`,
  ])
    text.read(line, place);
  const counts = { dropped: 0, read: 0 };
  for (let round = 0; round < 60_000; round++) {
    const cells = columns.map((name) => {
      const some: readonly string[] = choices[name as keyof typeof choices] ?? [""];
      return some[number(some.length)] ?? "";
    });
    const line = cells.join(",");
    const isDropped = text.reader?.isPlainlyDropped?.(line) === true;
    counts[isDropped ? "dropped" : "read"] += 1;
    if (isDropped) expect(text.read(line, place).kind, line).toBe("dropped");
  }
  // Both are common, or this test says nothing.
  expect(counts.dropped).toBeGreaterThan(300);
  expect(counts.read).toBeGreaterThan(10_000);
});
