// Each question of readiness: shown, not shown, broken. What is right in a case follows from the facts of Microsoft's pages on
// dedicated hybrid applications, the EWS gate and Graph permissions, not from what the program printed.
import { describe, expect, test } from "vitest";
import type {
  AnswerState,
  GivenCertificate,
  QuestionId,
  ReadinessOptions,
} from "../../../src/diagnosis/readiness/answer.ts";
import {
  actorToken,
  basic,
  cloudAgent,
  type Exchanged,
  exchange,
  mail,
  offersAll,
  probe,
  scheduler,
  skype,
  tokenRequest,
  voicemail,
} from "../story.ts";
import {
  answerTo,
  dedicated,
  entraRequest,
  ewsCall,
  ewsRole,
  gateNotAllowed,
  gateOff,
  graphCall,
  graphRoles,
  nextThumbprint,
  otherApp,
  seenIn,
  server1,
  server2,
  sharedCall,
  sharedRequest,
  thumbprint,
  today,
} from "./cloud-story.ts";

type Case = readonly [
  name: string,
  story: readonly Exchanged[],
  state: AnswerState,
  words: RegExp,
  options?: Partial<ReadinessOptions>,
];

function check(id: QuestionId, cases: readonly Case[]): void {
  test.each(cases.map((one) => [one[0], one] as const))("%s", (_name, [, story, state, words, options = {}]) => {
    const answer = answerTo(id, seenIn(story), options);
    expect([answer.state, answer.answer, answer.open.join(" ")]).toEqual([
      state,
      expect.stringMatching(words),
      expect.anything(),
    ]);
    // Every answer that was drawn from traffic names rows, and every row exists.
    if (state !== "not-seen") expect(answer.evidence.length).toBeGreaterThan(0);
    const rows = story.map((_, index) => `t${index + 1}`);
    expect(rows).toEqual(
      expect.arrayContaining([...answer.evidence, ...answer.details.flatMap((one) => one.evidence)]),
    );
  });
}

const refused401: Exchanged = { status: 401, answer: offersAll };
const teams: Exchanged = { authorization: `Bearer ${actorToken({ caller: scheduler })}`, agent: cloudAgent };
const voice: Exchanged = {
  authorization: `Bearer ${actorToken({ caller: voicemail })}`,
  agent: cloudAgent,
  connection: "c2",
};
const hybridApp = dedicated;
const day = 86_400_000;
const current: GivenCertificate = {
  name: "the current certificate (now.cer)",
  x5t: thumbprint,
  x5tS256: "",
  expires: today + 900 * day,
};
const next: GivenCertificate = {
  name: "the next certificate (next.cer)",
  x5t: nextThumbprint,
  x5tS256: "",
  expires: today + 1_800 * day,
};

/** The form of an error of Graph ("Microsoft Graph error responses and resource types"). */
function graphError(code: string): string {
  return JSON.stringify({
    error: { code, message: "The mailbox is not available.", innerError: { date: "2026-11-30T09:00:00" } },
  });
}

describe("Q1: does Exchange Server act as the dedicated application", () => {
  check("Q1", [
    [
      "yours by --hybrid-app",
      [ewsCall()],
      "ok",
      /^Yes: it calls as your dedicated hybrid application 5c3f1a7e-.*001\.$/,
      { hybridApp },
    ],
    [
      "yours by the configuration",
      [graphCall()],
      "ok",
      /^Yes: .*your application Hybrid \(5c3f/,
      { applications: new Map([[dedicated, "Hybrid"]]) },
    ],
    [
      "an application of the tenant that nobody named",
      [ewsCall()],
      "ok",
      /^Yes, as far as its traffic tells: .*--hybrid-app/,
    ],
    ["only a token request, and a token is issued", [entraRequest()], "ok", /^Yes/, { hybridApp }],
    [
      "another application than --hybrid-app names",
      [ewsCall({ caller: otherApp })],
      "problem",
      /^No: it calls as application .*002 of this tenant, and --hybrid-app names .*001\.$/,
      { hybridApp },
    ],
    ["the shared principal", [sharedCall()], "problem", /^No: it calls as the shared service principal 00000002-/],
    [
      "one by one, the other by the other",
      [ewsCall(), sharedCall()],
      "problem",
      /^In part: .*and as the shared service principal/,
    ],
    ["refused with 401", [ewsCall(refused401)], "problem", /^Yes, and it is refused/],
    ["refused by the gate: the application is recognised", [ewsCall(gateNotAllowed)], "ok", /^Yes/],
    [
      "the token service knows no such certificate",
      [entraRequest({ error: "AADSTS700027" })],
      "problem",
      /^Yes, and it is refused/,
    ],
    [
      "federation in place of an application",
      [{ ...ewsCall(), authorization: undefined, path: "/EWS/Exchange.asmx/WSSecurity" } as unknown as Exchanged],
      "attention",
      /^No: it signs in by federation/,
    ],
    ["only Teams calls", [teams], "not-seen", /^Not seen here/],
  ]);

  test("another program of the tenant is not Exchange Server, until it is named", () => {
    const backup = graphCall({ path: "/v1.0/groups", roles: ["Group.Read.All"], caller: otherApp });
    expect(answerTo("Q1", seenIn([backup])).state).toBe("not-seen");
    expect(answerTo("Q7", seenIn([backup, ewsCall()])).details).toHaveLength(1);
    const named = answerTo(
      "Q1",
      seenIn([entraRequest({ resource: "https://graph.microsoft.com", roles: ["Group.Read.All"] })]),
    );
    expect(named.state).toBe("not-seen");
  });

  test("a call of the shared principal before the block of October 2025 is no problem of that day", () => {
    const before = seenIn([sharedCall()], Date.UTC(2025, 8, 1));
    expect(answerTo("Q1", before).state).toBe("attention");
    expect(answerTo("Q7", before).state).toBe("attention");
  });
});

describe("Q2: by which route", () => {
  check("Q2", [
    [
      "by both",
      [ewsCall(), graphCall()],
      "ok",
      /^By EWS of Exchange Online \(outlook\.office365\.com, 1 call accepted\) and Microsoft Graph \(graph\.microsoft\.com, 1 call accepted\)\.$/,
    ],
    ["by EWS alone: Graph is open, not absent", [ewsCall()], "partly", /^By EWS of Exchange Online [^G]*$/],
    [
      "by Graph, refused",
      [ewsCall(), graphCall({ status: 403 })],
      "problem",
      /Microsoft Graph \(graph\.microsoft\.com, 1 call refused \(403\)\)/,
    ],
    [
      "a mailbox that is on premises says nothing against the token",
      [ewsCall(), graphCall({ status: 404, answerBody: graphError("MailboxNotEnabledForRESTAPI") })],
      "ok",
      /Microsoft Graph \(graph\.microsoft\.com, 1 call accepted\)/,
    ],
    [
      "Graph is busy",
      [graphCall({ status: 429 }), graphCall({ status: 200, answerBody: "{}" })],
      "ok",
      /1 call accepted, 1 call without a deciding answer/,
    ],
    ["no answer decides", [graphCall({ status: 503 })], "partly", /without a deciding answer/],
    ["nothing of it", [probe, teams], "not-seen", /^Not seen here/],
  ]);

  test("a refusal that was overcome is no problem", () => {
    const { state, answer } = answerTo("Q2", seenIn([ewsCall(refused401), ewsCall(), graphCall()]));
    expect([state, answer]).toEqual([
      "ok",
      expect.stringContaining("1 call accepted, 1 call refused, the last one accepted"),
    ]);
  });
});

describe("Q3: with which permissions", () => {
  const mailTips = (rest: Parameters<typeof graphCall>[0]): Exchanged =>
    graphCall({ path: "/v1.0/users/megan@contoso.com/getMailTips", ...rest });
  const without = graphRoles.filter((role) => role !== "MailTips.ReadBasic.All");
  check("Q3", [
    [
      "all that are needed at both",
      [ewsCall(), graphCall()],
      "ok",
      /Exchange Online: full_access_as_app; .*Microsoft Graph: Calendars\.Read,.* and ProfilePhoto\.Read\.All\.$/,
    ],
    ["all at Exchange Online, no token for Graph", [ewsCall()], "partly", /full_access_as_app\.$/],
    ["known from the token request alone", [entraRequest()], "partly", /full_access_as_app/],
    [
      "one is missing and the call works: what is lost is named",
      [ewsCall(), graphCall({ roles: without })],
      "attention",
      /MailTips\.ReadBasic\.All is missing \(no MailTips \(automatic replies\)\)/,
    ],
    [
      "one is missing and Graph refuses the call that needs it, whatever else works",
      [ewsCall(), mailTips({ roles: without, status: 403 }), graphCall({ roles: without })],
      "problem",
      /MailTips\.ReadBasic\.All is missing/,
    ],
    [
      "one is missing, and Graph refuses a call that does not need it",
      [ewsCall(), graphCall({ roles: without, status: 403 })],
      "attention",
      /MailTips\.ReadBasic\.All is missing/,
    ],
    [
      "none at all",
      [ewsCall({ roles: [], status: 403 })],
      "problem",
      /no permission, full_access_as_app is missing \(no call of EWS\)/,
    ],
    [
      "a consent changes the next token",
      [graphCall({ roles: without, status: 403 }), graphCall(), ewsCall()],
      "ok",
      /Microsoft Graph: Calendars\.Read/,
    ],
    [
      "a larger permission includes a smaller one",
      [ewsCall(), graphCall({ roles: ["Calendars.ReadWrite", ...graphRoles.slice(1)] })],
      "ok",
      /Calendars\.ReadWrite/,
    ],
    ["tokens of ACS name none", [sharedCall()], "not-seen", /ACS/],
    ["nothing of it", [teams], "not-seen", /^Not seen here/],
  ]);
});

describe("Q4: does the EWS gate let it in", () => {
  check("Q4", [
    ["let in", [ewsCall()], "ok", /^Yes: .*let in on 2026-11-30.*1 April 2027/],
    ["EWS is off", [ewsCall(gateOff)], "problem", /^No: .*EWS is off for the tenant or the mailbox/],
    ["not on the list", [ewsCall(gateNotAllowed)], "problem", /^No: .*is not on the list/],
    ["let in after a refusal: the list was changed", [ewsCall(gateNotAllowed), ewsCall()], "ok", /^Yes/],
    ["refused after it was let in", [ewsCall(), ewsCall(gateOff)], "problem", /^No/],
    [
      "a bare 403 does not name the gate",
      [ewsCall({ status: 403 })],
      "attention",
      /^Not decided: .*\(403\) without the header of the gate/,
    ],
    [
      "one application is let in, of another no call has an answer",
      [ewsCall(), ewsCall({ caller: otherApp, status: null })],
      "ok",
      /^Yes/,
    ],
    ["no answer", [ewsCall({ status: null })], "not-seen", /no call has a deciding answer/],
    ["Graph has no such gate", [graphCall()], "not-seen", /^Not seen here/],
    ["EWS of Exchange Server is not meant", [teams], "not-seen", /^Not seen here/],
  ]);

  test("an accepted call from before 10 October 2026 does not show that the list has the application", () => {
    expect(answerTo("Q4", seenIn([ewsCall()], Date.UTC(2026, 8, 1)))).toMatchObject({
      state: "partly",
      answer: expect.stringMatching(/^Not decided: .*before the list/),
      open: [expect.stringContaining("-RetrieveEwsOperationAccessPolicy")],
    });
  });
});

describe("Q5: with the certificate of today and of the next rollover", () => {
  const certificates = [current, next];
  check("Q5", [
    [
      "seen, and the next one is open",
      [entraRequest()],
      "partly",
      new RegExp(`^Seen: thumbprint ${thumbprint}, taken by the token service\\.$`),
    ],
    [
      "it is the current one",
      [entraRequest()],
      "partly",
      /^Seen: the current certificate \(now\.cer\), .*valid until 2029-05-18/,
      { certificates },
    ],
    [
      "both were taken: nothing is open",
      [entraRequest(), entraRequest({ x5t: nextThumbprint })],
      "ok",
      /the current .* and the next certificate \(next\.cer\)/,
      { certificates },
    ],
    [
      "the next one is not uploaded",
      [entraRequest(), entraRequest({ x5t: nextThumbprint, error: "AADSTS700027" })],
      "problem",
      /the next certificate .*refused by the token service \(AADSTS700027\)/,
      { certificates },
    ],
    [
      "refused at first and taken after the upload",
      [entraRequest({ error: "AADSTS700027" }), entraRequest()],
      "partly",
      /taken by the token service/,
    ],
    [
      "by SHA-256 alone",
      [entraRequest({ x5t: "", x5tS256: "c2hhMjU2LXRodW1icHJpbnQtb2YtdGhlLWNlcnRpZmljYXRl" })],
      "partly",
      /thumbprint c2hhMjU2LX/,
    ],
    [
      "another certificate than the given ones",
      [entraRequest({ x5t: "YW5vdGhlci1jZXJ0aWZpY2F0ZSE" })],
      "problem",
      /none of the certificates of --auth-cert/,
      { certificates },
    ],
    [
      "refused for another reason than the certificate",
      [entraRequest({ error: "AADSTS700016" })],
      "attention",
      /another reason \(AADSTS700016\)/,
    ],
    [
      "it ends soon",
      [entraRequest()],
      "attention",
      /valid until 2026-12-10/,
      { certificates: [{ ...current, expires: today + 10 * day }] },
    ],
    [
      "that of the shared principal is not the one in question",
      [sharedRequest(true)],
      "not-seen",
      /only one of the shared service principal/,
    ],
    ["nothing of it", [ewsCall()], "not-seen", /^Not seen here/],
  ]);

  test("keys of the application are not in traffic: the command that reads them is named", () => {
    expect(answerTo("Q5", seenIn([entraRequest()])).open.join(" ")).toContain(
      "realmscope provision verify --profile hybrid-app",
    );
  });
});

describe("Q6: is the shared principal clean", () => {
  check("Q6", [
    ["it still calls", [sharedCall()], "problem", /^No: Exchange Server still uses it \(1 call accepted\)\.$/],
    ["a token was issued: a key is still on it", [sharedRequest(true)], "problem", /so a key is still on it/],
    [
      "it still asks and is refused",
      [sharedRequest(false)],
      "problem",
      /still uses it \(1 token request refused \(ACS50012\)\)\.$/,
    ],
    [
      "it asks for another service",
      [
        tokenRequest({
          assertion: sharedAssertion(),
          issued: actorToken({ caller: exchange, host: "webdir.online.lync.com" }),
          resource: `${skype}/webdir.online.lync.com@contoso.com`,
        }),
      ],
      "attention",
      /a key is still on it/,
    ],
    [
      "the dedicated application calls: its keys stay open",
      [ewsCall(), graphCall()],
      "not-seen",
      /no use of it among 2 calls/,
    ],
    [
      "Exchange Online calls Exchange Server under the same id",
      [{ ...teams, authorization: `Bearer ${actorToken({ caller: exchange })}` }],
      "not-seen",
      /^Not seen here/,
    ],
  ]);

  test("the command that reads its keys is named wherever they are open", () => {
    for (const story of [[ewsCall()], [sharedCall()], [teams]])
      expect(answerTo("Q6", seenIn(story)).open.join(" ")).toMatch(
        /Get-MgServicePrincipal -Filter "appId eq '00000002-.*KeyCredentials/,
      );
  });
});

function sharedAssertion(): string {
  return new URLSearchParams(sharedRequest(true).body).get("assertion") ?? "";
}

describe("Q7: do all servers do it", () => {
  const from = (client: string, call: Exchanged): Exchanged => ({
    ...call,
    client: `${client}:52000`,
    connection: client,
  });
  const build = (version: string): Exchanged => ({
    ...teams,
    answer: [
      ["X-OWA-Version", version],
      ["X-FEServer", "EX01"],
    ],
  });
  check("Q7", [
    [
      "two servers",
      [from(server1, ewsCall()), from(server2, graphCall())],
      "partly",
      /^Yes, all that were seen: 192\.0\.2\.11 and 192\.0\.2\.12 call as the dedicated application\.$/,
    ],
    [
      "one of two by the shared principal",
      [from(server1, ewsCall()), from(server2, sharedCall())],
      "problem",
      /^In part: 192\.0\.2\.11 calls .*, not 192\.0\.2\.12 \(as the shared service principal/,
    ],
    [
      "one of two is refused",
      [from(server1, ewsCall()), from(server2, ewsCall(refused401))],
      "problem",
      /^In part: .*not 192\.0\.2\.12 /,
    ],
    [
      "one that a permission or a policy refuses still acts as the dedicated application",
      [ewsCall(gateOff)],
      "partly",
      /^Yes, all that were seen: 192\.0\.2\.11 calls as the dedicated application\.$/,
    ],
    [
      "the only one by the shared principal",
      [sharedCall()],
      "problem",
      /^No: 192\.0\.2\.11 \(as the shared service principal/,
    ],
    [
      "a server that got no token",
      [entraRequest(), entraRequest({ error: "AADSTS700027", client: server2 })],
      "problem",
      /not 192\.0\.2\.12 .*the token service gave it no token/,
    ],
    [
      "a build that cannot do it, from what it answers",
      [build("15.2.1544.11")],
      "problem",
      /^No: by its build EX01 \(Exchange Server 2019 CU14, 15\.2\.1544\.11\) cannot do it\.$/,
    ],
    [
      "a build that cannot do it, from its User-Agent",
      [ewsCall({ agent: "ASProxy/CrossForest/EmailDomain//15.01.2507.039" })],
      "problem",
      /Exchange Server 2016 CU23, 15\.1\.2507\.39/,
    ],
    ["nothing of it", [teams], "not-seen", /^Not seen here/],
  ]);

  test("the build at the end of the User-Agent is the caller's (KB 3082946)", () => {
    // The page: a server of Exchange 2007 SP3 (8.3.83) calls one of Exchange 2013, whose log has this User-Agent.
    const published = ewsCall({ agent: "ASProxy/CrossForest/EmailDomain/EXCH/08.03.0083.000" });
    expect(answerTo("Q7", seenIn([published])).details).toMatchObject([
      { name: `${server1} (build 08.03.0083.000)`, state: "ok" },
    ]);
  });

  test("a build that can do it does not say that the server does", () => {
    const { state, details } = answerTo("Q7", seenIn([build("15.2.2562.53"), ewsCall()]));
    expect(state).toBe("partly");
    expect(details.map((one) => [one.name, one.state])).toEqual([
      [server1, "ok"],
      ["EX01 (Exchange Server SE RTM, 15.2.2562.53)", "not-seen"],
    ]);
  });

  test("the build of Exchange Online in its answers is not that of a server", () => {
    const answered = ewsCall({ answer: [["X-OWA-Version", "15.20.9999.1"]] });
    expect(answerTo("Q7", seenIn([answered])).details.map(({ name }) => name)).toEqual([server1]);
  });
});

describe("Q8: do Teams and Cloud Voicemail get in", () => {
  check("Q8", [
    [
      "both",
      [teams, voice],
      "ok",
      /^Teams Scheduler gets in at mail\.contoso\.com and Cloud Voicemail gets in at mail\.contoso\.com\.$/,
    ],
    ["Teams alone", [teams], "partly", /^Teams Scheduler gets in at mail\.contoso\.com\.$/],
    [
      "one of them is refused",
      [teams, { ...voice, ...refused401 }],
      "problem",
      /Cloud Voicemail is refused at mail\.contoso\.com/,
    ],
    [
      "the legacy application still calls",
      [{ ...teams, authorization: `Bearer ${actorToken()}` }],
      "partly",
      /^Skype for Business Online gets in/,
    ],
    [
      "a password in place of a token",
      [probe, { authorization: basic, agent: cloudAgent }],
      "problem",
      /falls back to a password/,
    ],
    ["a call without an answer", [{ ...teams, status: null }], "partly", /not decided/],
    ["only outbound calls", [ewsCall()], "not-seen", /^Not seen here/],
  ]);
});

describe("Q9: which direction is broken", () => {
  check("Q9", [
    ["none of both", [teams, ewsCall()], "ok", /^None that was seen: inbound .* works .*; outbound .* works/],
    [
      "outbound",
      [teams, ewsCall(refused401)],
      "problem",
      /^Outbound: inbound \(cloud to Exchange Server\) works .*; outbound \(Exchange Server to cloud\) is broken/,
    ],
    ["a closed gate", [teams, ewsCall(gateOff)], "problem", /^Outbound: .*is closed by a policy of EWS/],
    ["inbound", [{ ...teams, ...refused401 }, ewsCall()], "problem", /^Inbound: /],
    ["both", [{ ...teams, ...refused401 }, ewsCall(refused401)], "problem", /^Inbound and outbound: /],
    ["only one was seen", [teams], "partly", /^None that was seen: inbound [^;]*\.$/],
    ["one without a deciding answer", [{ ...teams, status: 503 }], "partly", /^Not decided: /],
    ["neither", [{ host: mail, method: "GET", path: "/favicon.ico", agent: "" }], "not-seen", /^Not seen here/],
  ]);
});

describe("Q10: what uses EWS of Exchange Online", () => {
  const person = { caller: "d3590ed6-52b3-4102-aeff-aad2292ab01c" };
  check("Q10", [
    [
      "free/busy of the dedicated application",
      [ewsCall(), ewsCall()],
      "attention",
      /^2 calls of EWS \(GetUserAvailabilityRequest\) by application .*; EWS in Exchange Online ends on 1 April 2027, as far as public sources say\.$/,
    ],
    [
      "a program of a person",
      [ewsCall({ ...person, operation: "GetFolder" })],
      "attention",
      /^1 call of EWS \(GetFolder\) by Microsoft Office \(Outlook\)/,
    ],
    ["a refused call counts, too", [ewsCall(gateOff)], "attention", /^1 call of EWS/],
    ["Graph does not end", [graphCall()], "not-seen", /^Not seen here/],
    ["EWS of Exchange Server stays", [teams], "not-seen", /^Not seen here/],
  ]);

  test("one line for each operation and caller, with its calls", () => {
    const story = [ewsCall(), ewsCall({ client: `${server2}:1` }), ewsCall({ operation: "GetMailTips" }), sharedCall()];
    const { details } = answerTo("Q10", seenIn(story), { hybridApp });
    expect(details.map(({ name, text }) => [name, text])).toEqual([
      [`GetUserAvailabilityRequest by your dedicated hybrid application ${dedicated}`, "2 calls accepted"],
      [`GetMailTips by your dedicated hybrid application ${dedicated}`, "1 call accepted"],
      [`GetUserAvailabilityRequest by the shared service principal ${exchange}`, "1 call accepted"],
    ]);
  });
});

test("the permission on EWS is the one that Microsoft's script grants", () => {
  expect(ewsRole).toBe("full_access_as_app");
});
