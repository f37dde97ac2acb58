import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeTransaction } from "../../src/decoders/messages/decode-transaction.ts";
import { readFilter } from "../../src/filter/filter.ts";
import { type FilterSubject, filterSubject } from "../../src/filter/subject.ts";
import { compact } from "../decoders/token-maker.ts";
import { newStory, outerToken } from "../diagnosis/story.ts";
import { transaction } from "../sanitising/transaction-maker.ts";
import { row } from "../tui/row-maker.ts";

const now = Date.UTC(2026, 0, 15, 12, 30);
const subject = (parts: Partial<FilterSubject> = {}, rowParts: Parameters<typeof row>[1] = {}): FilterSubject => ({
  row: row("t7", { host: "outlook.office365.com", status: 401, durationMs: 700, bytes: 2_000_000, ...rowParts }),
  direction: "S>X",
  token: {
    issuer: "00000001-0000-0000-c000-000000000000@7f3c",
    audience: "00000002-0000-0ff1-ce00-000000000000/outlook.office365.com@7f3c",
    application: "Skype for Business Online 00000004-0000-0ff1-ce00-000000000000",
    realm: "7f3c",
    algorithm: "RS256",
    expiresAt: now + 3_600_000,
  },
  findings: ["TOKEN_EXPIRED"],
  ...parts,
});

function fits(text: string, over = subject(), content: Parameters<typeof transaction>[0] | null = null): boolean {
  const read = readFilter(text, now);
  if (!read.ok) throw new Error(`${read.column}: ${read.problem}`);
  return read.filter === null || read.filter.matches(over, content === null ? null : transaction(content));
}

test.each([
  ["body~GetFolder", "x GETFOLDER y", true],
  ["body~/get.older/ & status=401", "GetFolder", true],
  ["host=a.example | lync", "xlyncx", true],
  ["host=a.example | lync", "b.example", false],
  ["host in (a, b)", "b", true],
  ['!(body~secret) & what!~x & host!=y & path=""', "secret x y", false],
  ["status=401 & dur>1s", "401", false],
])("%s looks for what %j holds: %s", (text, held, holds) => {
  const read = readFilter(text, now);
  expect(read.ok && read.filter?.holds(held)).toBe(holds);
});

describe("what fits", () => {
  test.each([
    ['host~"office" & auth=bearer & !status=2xx', true],
    ["host~office & auth=basic", false],
    ["office365", true],
    ["EWS", true],
    ["lync", false],
    ["/out.*com/", true],
    ["/EWS/Exchange.asmx", true],
    ["host:office", true],
    ["host~/^outlook/", true],
    ["host!~/^outlook/", false],
    ["host=OUTLOOK.office365.com", true],
    ["host!=outlook.office365.com", false],
    ["method in (GET, post)", true],
    ["method in (GET)", false],
    ["status=401", true],
    ["status=4xx", true],
    ["status>=400 & status<500", true],
    ["status!=401", false],
    ["status in (200, 401)", true],
    ["status=none", false],
    ["not status=none", true],
    ["dur>500ms", true],
    ["dur<=0.7s", true],
    ["dur>1s", false],
    ["size>1mb", true],
    ["size<1.5mb", false],
    ["time>-45m", true],
    ["time<-45m", false],
    ["time=12:00", true],
    ["time=12:00:00", true],
    ["time>=12:01", false],
    ["time=2026-01-15", true],
    ["time<2026-01-15T12:00:01Z", true],
    ["exp>12:30 & exp<14:00", true],
    ["dir=s>x", true],
    ['dir="S→X"', true],
    ["dir=X>S", false],
    ["dir=inbound", false],
    ["route=ews", true],
    ["route in (graph, rest)", false],
    ["service=acs", true],
    ["token-service!=acs", false],
    ["iss~00000001", true],
    ["aud~outlook", true],
    ["app~Skype", true],
    ["alg=rs256", true],
    ["realm=7F3C", true],
    ["finding=token_expired", true],
    ["finding~BASIC", false],
    ["sev=none", true],
    ["sev>=warning", false],
    ["id=t7", true],
    ["conv=h1", true],
    ["handshake=h2 or id=t7", true],
    ["id=t8 | (id=t7 & !path~autodiscover)", true],
    ["client~127", true],
    ["url~https://outlook", true],
    ['what="acts as user"', true],
    ["NOT host~lync AND method=POST", true],
    ["localhost:8443", false],
    ["/off[\\]a-z]ce+365/", true],
    ["path~/^\\/ews\\/[^\\]]{1,}$/", true],
    ["", true],
  ])("%s: %s", (text, expected) => {
    expect(fits(text)).toBe(expected);
  });

  test("header fields and bodies are looked at where they are at hand, and fit nothing where they are not", () => {
    const content = { headers: [["User-Agent", "SkypeSpaces/1.0"]], body: "<GetFolder/>", answer: "ok" } as const;
    expect(fits("header.user-agent~skype", subject(), content)).toBe(true);
    expect(fits("body~getfolder", subject(), content)).toBe(true);
    expect(fits("body~getfolder")).toBe(false);
    expect(fits("header.user-agent~skype")).toBe(false);
    expect(fits("url~exchange.asmx", subject(), content)).toBe(true);
    const read = readFilter("body~x or host~y", now);
    expect(read.ok && read.filter?.needsContent).toBe(true);
    const plain = readFilter("host~y", now);
    expect(plain.ok && plain.filter?.needsContent).toBe(false);
  });

  test("family and error of a Graph call, and nothing of another host", () => {
    const target = "/v1.0/users/anna@contoso.com/calendar/getSchedule";
    const answer = JSON.stringify({ error: { code: "ErrorAccessDenied", message: "Access is denied." } });
    const graph = { host: "graph.microsoft.com", target, status: 403, answer };
    expect(fits("graph.family=free-busy and graph.error=erroraccessdenied", subject(), graph)).toBe(true);
    expect(fits("graph.family=photo", subject(), graph)).toBe(false);
    expect(fits("graph.family=free-busy", subject(), { ...graph, host: "graph.contoso.com" })).toBe(false);
    expect(fits("graph.error~denied")).toBe(false);
    const read = readFilter("graph.family=photo", now);
    expect(read.ok && read.filter?.needsContent).toBe(true);
  });

  test("a row without an answer has no duration and no status", () => {
    const open = subject({ token: null }, { status: null, durationMs: null });
    expect(fits("status=none", open)).toBe(true);
    expect(fits("status!=none", open)).toBe(false);
    expect(fits("status<500", open)).toBe(false);
    expect(fits("dur>0ms", open)).toBe(false);
    expect(fits("exp>-5m", open)).toBe(false);
    expect(fits("iss~x", open)).toBe(false);
  });
});

describe("what is said", () => {
  test.each([
    ['host~"office" & auth!=bearer', "host matches /office/i and auth is not bearer"],
    ["status=4xx or dur>500ms", "(status is 4xx or dur is above 500ms)"],
    ["!(a b)", "not host and path contain a and host and path contain b"],
    ["!lync", "not: host and path contain lync"],
    ["/l.nc/", "host and path match /l.nc/i"],
    ["method in (GET,POST)", "method is one of GET, POST"],
    ["host!~x", "host does not match /x/i"],
    ["status!=2xx", "status is not 2xx"],
  ])("%s is understood as: %s", (text, words) => {
    const read = readFilter(text, now);
    expect(read.ok && read.filter?.words).toBe(words);
  });

  test.each([
    ["host~", 6, "expected a value"],
    ["host=a &", 9, "expected a field or a word"],
    ["(host=a", 8, "expected )"],
    ["host=a )", 8, 'expected & or | before ")"'],
    ['host="a', 6, "has no end"],
    ["hist=a", 1, 'there is no field "hist"'],
    ["dur>fast", 5, "expected a duration"],
    ["size>5parsecs", 6, "expected a size"],
    ["status=999999", 8, "expected a status"],
    ["sev=bad", 5, "expected a severity"],
    ["time=25:00", 6, "expected a time"],
    ["time=2026-19-99", 6, "expected a time"],
    ["status~4", 1, "status takes = != < <= > >= and in, not ~"],
    ["host<a", 1, "host is text"],
    ["host~/(/", 6, "not a regular expression"],
    ["host~/[a/", 6, "not a regular expression"],
    ["host~/(a+)+b/", 6, "could take very long"],
    ["host~/(a|b)*c/", 6, "could take very long"],
    ["host~/(x(a+)){20}b/", 6, "could take very long"],
    ["host~/(?:(a)\\1)b/", 6, "refer back"],
    ["host~/.*a.*b.*c.*d/", 6, "at most three"],
    ["method in (GET", 15, "expected , or )"],
    ["method in (", 12, "expected a value"],
    [`host~"${"x".repeat(600)}"`, 500, "at most 500 characters"],
    [`${"(".repeat(40)}a`, 34, "too many brackets"],
    ["__proto__=1", 1, "there is no field"],
    ["constructor=1", 1, "there is no field"],
  ])("%s: wrong at %i: %s", (text, column, problem) => {
    expect(readFilter(text, now)).toEqual({ ok: false, column, problem: expect.stringContaining(problem) });
  });
});

test("no text makes it throw, and every position lies in the text or just behind it", () => {
  const words = fc.constantFrom(
    "host",
    "status",
    "=",
    "~",
    "!",
    "(",
    ")",
    "&",
    "or",
    '"',
    "/",
    "4xx",
    " ",
    "-5m",
    ":",
    "\\",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((parts) => parts.join("")),
      ),
      (text) => {
        const read = readFilter(text, now);
        if (read.ok) read.filter?.matches(subject());
        else {
          expect(read.column).toBeGreaterThanOrEqual(1);
          expect(read.column).toBeLessThanOrEqual(text.length + 1);
        }
      },
    ),
  );
});

test("patterns over the longest hostile text end soon: their work is bounded", () => {
  const hostile = subject({}, { path: "a".repeat(200_000) });
  for (const text of ["/a*b/", "/a*a*b/", "/a*a*a*b/", "path~/^(?:[a-z]*x)$/"]) expect(fits(text, hostile)).toBe(false);
});

test("a row of a handshake has its direction, route and token service beside caller and server", () => {
  const outbound = subject({}, { direction: "outbound", route: "graph", tokenService: "entra-v2" });
  for (const text of ["dir=outbound", "direction=outbound", "dir=S>X", "route=Graph", "service=entra-v2"])
    expect(fits(text, outbound)).toBe(true);
  for (const text of ["dir=inbound", "dir!=outbound", "route=ews", "service=acs"])
    expect(fits(text, outbound)).toBe(false);
  const unknown = subject({}, { route: null, tokenService: null });
  expect(fits("route=none & service=none", unknown)).toBe(true);
});

describe("the subject of a transaction", () => {
  const story = newStory();

  test("a call with a nested token says who calls and what the token claims", () => {
    const call = story({ authorization: `Bearer ${outerToken()}` });
    const made = filterSubject(row("t1"), decodeTransaction(call), [{ code: "X" }]);
    expect(made.direction).toBe("S>X");
    expect(made.findings).toEqual(["X"]);
    expect(made.token?.application).toContain("00000004-0000-0ff1-ce00-000000000000");
    expect(made.token?.audience).toContain("00000002-0000-0ff1-ce00-000000000000");
    expect(made.token?.algorithm).toBe("RS256");
  });

  test.each([
    ["/EWS/Exchange.asmx", "S>X"],
    ["/tokens/OAuth/2", "?>T"],
    ["/elsewhere", ""],
  ])("%s without a token goes %s", (path, direction) => {
    expect(filterSubject(row("t1"), decodeTransaction(story({ path })), []).direction).toBe(direction);
  });

  const claims = { iss: "https://sts.windows.net/x/", ver: "1.0", idtyp: "app", tid: "x" };
  const calls = (caller: string): string =>
    `Bearer ${compact({ alg: "RS256", typ: "JWT", kid: "k" }, { ...claims, appid: caller })}`;
  const ownApplication = "b94d61e2-7c35-4f0a-9a1e-6d28c05f73b4";
  test.each([
    ["Exchange Server asks Entra for a token", "login.microsoftonline.com", "/x/oauth2/v2.0/token", "X>T"],
    [
      "an unknown caller asks the older token service",
      "accounts.accesscontrol.windows.net",
      "/x/tokens/OAuth/2",
      "S>T",
    ],
    ["Exchange Server calls Graph", "graph.microsoft.com", "/v1.0/users/x/mailboxSettings", "X>S"],
    ["Exchange Server calls Exchange Online", "outlook.office365.com", "/EWS/Exchange.asmx", "X>S"],
    ["a service calls Exchange Server", "mail.contoso.com", "/EWS/Exchange.asmx", "S>X"],
  ])("%s with a token of Entra", (_name, host, path, direction) => {
    const call = story({ host, path, authorization: calls(ownApplication) });
    expect(filterSubject({ ...row("t1"), host }, decodeTransaction(call), []).direction).toBe(direction);
  });

  test("Exchange Server calls Exchange Online as the shared service principal", () => {
    const host = "outlook.office365.com";
    const authorization = `Bearer ${outerToken({ caller: "00000002-0000-0ff1-ce00-000000000000", host })}`;
    const call = story({ host, path: "/EWS/Exchange.asmx", authorization });
    expect(filterSubject({ ...row("t1"), host }, decodeTransaction(call), []).direction).toBe("X>S");
  });

  test("a row without facts says nothing of either", () => {
    expect(filterSubject(row("t1"), null, [])).toEqual({ row: row("t1"), direction: "", token: null, findings: [] });
  });
});
