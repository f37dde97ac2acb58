import { describe, expect, test } from "vitest";
import type { CaptureEvent } from "../../src/core/capture-event.ts";
import { startAnalysis } from "../../src/diagnosis/analyze.ts";
import {
  actorToken,
  basic,
  body,
  codes,
  diagnostics,
  type Exchanged,
  judge,
  mail,
  newStory,
  ntlmChallenge,
  ntlmLast,
  ntlmOpening,
  offersAll,
  outerToken,
  outlookAgent,
  play,
  probe,
  skype,
  tokenRequest,
} from "./story.ts";

const call: Exchanged = { authorization: `Bearer ${actorToken()}` };
const userCall: Exchanged = { authorization: `Bearer ${outerToken()}` };

describe("counts", () => {
  test("follow the definitions of the machine output", () => {
    const { counts } = play([
      probe, // challenge 1, probe 1, 401 1
      tokenRequest({ issued: actorToken() }), // token request 1, assertion and issued token: 2 JWTs
      call, // 1 JWT
      userCall, // 2 JWTs, 1 of them an actor token
      { ...userCall, status: null }, // the same without an answer: it counts all the same
      { agent: outlookAgent, authorization: basic },
      { agent: outlookAgent, authorization: "Basic !!!" }, // not decodable
      {
        agent: outlookAgent,
        authorization: ntlmOpening,
        status: 401,
        answer: [["WWW-Authenticate", `NTLM ${ntlmChallenge}`]],
      },
      { agent: outlookAgent, authorization: ntlmLast },
      { status: 200, answer: [["WWW-Authenticate", "Negotiate oQcwBaADCgEA"]] }, // a challenge field on a 200 is one
    ]);
    expect(counts).toEqual({
      transactions: 10,
      jwts: 7,
      actorTokens: 2,
      basicCredentials: 1,
      bearerProbes: 1,
      challenges: 3,
      ntlmMessages: 3,
      tokenRequests: 1,
      status401: 2,
      logRows: 0,
      logRowsDropped: 0,
    });
  });
});

describe("rows", () => {
  const rows: readonly [name: string, one: Exchanged, row: object][] = [
    [
      "a probe",
      probe,
      {
        auth: "Bearer?",
        detail: "probe, offers Bearer, Negotiate, NTLM, Basic",
        status: 401,
        handshakeId: "h1",
        worst: "info",
      },
    ],
    ["an accepted call", call, { auth: "Bearer", detail: "actor RS256", status: 200, handshakeId: "h1" }],
    ["a call as a user", userCall, { auth: "Bearer", detail: "acts as user" }],
    [
      "a refused call",
      { ...call, status: 401, answer: [diagnostics("2000006", "invalid_client", "x")] },
      { auth: "Bearer?", detail: "actor RS256, invalid_client", worst: "error" },
    ],
    ["a refusal without reason", { ...call, status: 401, answer: [] }, { detail: "actor RS256, refused" }],
    ["an unreadable token", { authorization: "Bearer x.y" }, { auth: "Bearer?", detail: "unreadable token" }],
    ["a password", { authorization: basic }, { auth: "BASIC", worst: "alarm" }],
    ["NTLM", { authorization: ntlmLast }, { auth: "NTLM" }],
    ["NTLM inside Negotiate", { authorization: ntlmLast.replace("NTLM", "Negotiate") }, { auth: "NTLM" }],
    ["Kerberos", { authorization: "Negotiate YIIabcdefg==" }, { auth: "Nego" }],
    [
      "nobody",
      { agent: "curl/8", method: "GET", path: "/owa/" },
      { auth: "anon", detail: "", handshakeId: null, method: "GET", path: "/owa/", worst: null },
    ],
    [
      "a token request",
      tokenRequest({ issued: actorToken() }),
      { auth: "-", detail: "asks for a token, token issued" },
    ],
    [
      "a refused token request",
      tokenRequest({ error: "invalid_client" }),
      { detail: "asks for a token, token refused", worst: "error" },
    ],
    [
      "keys",
      { host: "accounts.accesscontrol.windows.net", path: "/x/metadata/json/1", method: "GET" },
      { auth: "-", detail: "token service's keys" },
    ],
    ["federation", { path: "/EWS/Exchange.asmx/WSSecurity" }, { auth: "-", detail: "WS-Security" }],
    ["another scheme", { authorization: "Digest username=x" }, { auth: "digest" }],
    [
      "a password grant",
      {
        host: "lync.contoso.com",
        path: "/WebTicket/oauthtoken",
        headers: [["Content-Type", "application/x-www-form-urlencoded"]],
        body: "grant_type=password&username=a&password=b",
      },
      { detail: "password grant", worst: "alarm" },
    ],
    ["no answer", { ...call, status: null }, { status: null, worst: "warning" }],
  ];
  test.each(rows)("%s", (_name, one, row) => {
    expect(play([one]).changes[0]?.row).toMatchObject(row);
  });

  test("hold no query, which may contain secrets", () => {
    const row = play([{ ...call, path: "/EWS/Exchange.asmx?access_token=secret#more" }]).changes[0]?.row;
    expect(row).toMatchObject({ path: "/EWS/Exchange.asmx", host: mail, scheme: "https" });
    expect(JSON.stringify(row)).not.toContain("secret");
  });

  test("count the bytes of both bodies", () => {
    expect(play([{ ...call, body: "12345", answerBody: "123" }]).changes[0]?.row?.bytes).toBe(8);
  });
});

describe("changes", () => {
  test("give the new and changed findings and handshakes of each event", () => {
    const { changes } = play([probe, call]);
    expect(changes[0]?.handshakes).toMatchObject([{ id: "h1", verdict: "inconclusive", stage: "challenged" }]);
    expect(changes[1]?.handshakes).toMatchObject([{ id: "h1", verdict: "oauth-confirmed", stage: "trusted" }]);
    expect(changes[1]?.findings.map(({ code }) => code)).toEqual(["ISSUER_SEEN"]);
    expect(changes[1]?.facts?.endpoint).toBe("ews");
  });

  test("give the findings that a success recovered", () => {
    const refusal: Exchanged["answer"] = [...offersAll.slice(0, 1), diagnostics("2000002", "token_expired", "x")];
    const { changes } = play([{ ...call, status: 401, answer: refusal }, call]);
    expect(changes[1]?.findings).toMatchObject([
      { code: "ISSUER_SEEN" },
      { code: "REFUSED_EXPIRED", severity: "warning" },
    ]);
  });

  test("name handshakes that were merged into another", () => {
    const { changes } = play([
      call,
      { ...probe, agent: "x/1", connection: "c2" },
      { ...call, agent: "x/1", connection: "c2" },
    ]);
    expect(changes[2]?.absorbed).toEqual([{ id: "h2", into: "h1" }]);
  });

  test("have only findings when the event is not a transaction", () => {
    const { changes } = judge([{ kind: "gap", at: 0, connection: "c1", reason: "a queue was full", lost: 1 }]);
    expect(changes).toMatchObject([
      { row: null, facts: null, handshakes: [], absorbed: [], findings: [{ code: "CAPTURE_GAP" }] },
    ]);
  });
});

describe("findings of a whole capture", () => {
  test("equal ones are joined, with a bounded evidence and a true count", () => {
    const finding = play(Array.from({ length: 100 }, () => call)).findings.find(({ code }) => code === "ISSUER_SEEN");
    expect(finding?.count).toBe(100);
    expect(finding?.evidence).toEqual(Array.from({ length: 20 }, (_, index) => `t${index + 1}`));
  });

  test("one code with endless details stays bounded and loses no count", () => {
    const story = newStory();
    const { findings } = judge(
      Array.from({ length: 300 }, (_, index) =>
        story({ ...call, authorization: `Bearer ${actorToken({ host: `h${index}.contoso.com` })}` }),
      ),
    );
    const audiences = findings.filter(({ code }) => code === "AUDIENCE_HOST_MISMATCH");
    expect(audiences).toHaveLength(50);
    expect(audiences.reduce((sum, { count }) => sum + count, 0)).toBe(300);
  });

  test("refusals become warnings when the same kind of call is accepted later, an unknown user's too", () => {
    const refused = (code: string, category: string): Exchanged => ({
      ...userCall,
      status: 401,
      answer: [...offersAll, diagnostics(code, category, "x")],
    });
    const { findings } = play([refused("2000008", "invalid_grant"), refused("2000005", "invalid_user"), userCall]);
    const severities = Object.fromEntries(findings.map(({ code, severity }) => [code, severity]));
    expect(severities).toMatchObject({ LINKED_ACCOUNT_MISSING: "warning", REFUSED_USER: "warning" });
  });

  test("a refusal of one kind of call is not recovered by another kind", () => {
    const { findings } = play([
      { ...userCall, status: 401, answer: [diagnostics("2000008", "invalid_grant", "x")] },
      call,
    ]);
    expect(findings.find(({ code }) => code === "LINKED_ACCOUNT_MISSING")?.severity).toBe("error");
  });

  test("the token service's refusal is recovered by a token", () => {
    const { findings, verdict } = play([
      tokenRequest({ error: "invalid_client" }),
      tokenRequest({ issued: actorToken() }),
      call,
    ]);
    expect(findings.find(({ code }) => code === "STS_REFUSED_CLIENT")?.severity).toBe("warning");
    expect(verdict).toBe("oauth-confirmed");
  });

  test("an alarm is never weakened", () => {
    const { findings } = play([{ authorization: basic }, call]);
    expect(findings.find(({ code }) => code === "BASIC_FALLBACK")?.severity).toBe("alarm");
  });

  test("handshakes that had to be forgotten still decide the verdict", () => {
    const analyzer = startAnalysis({});
    const story = newStory();
    const feed = (one: Exchanged): void => void analyzer.accept({ kind: "transaction", transaction: story(one) });
    feed({ authorization: basic, client: "10.9.9.9:1", connection: "c0" });
    for (let index = 1; index <= 2_001; index += 1)
      feed({
        authorization: `Bearer ${actorToken({ claims: { jti: String(index) } })}`,
        client: `10.${index % 250}.${Math.floor(index / 250)}.1:1`,
        connection: `c${index}`,
      });
    const { verdict, handshakes, findings } = analyzer.snapshot();
    expect(handshakes).toHaveLength(2_000);
    expect(verdict).toBe("basic-fallback");
    expect(findings.find(({ code }) => code === "HANDSHAKES_FORGOTTEN")?.message).toContain("2 handshakes");
  });
});

describe("signatures", () => {
  const check = (outcome: "verified" | "failed" | "no-key", token = "authorization"): CaptureEvent => ({
    kind: "signature",
    check: { transactionId: "t1", token, outcome, keyId: "k", keySource: outcome === "no-key" ? null : "sts-metadata" },
  });

  test.each(["verified", "failed", "no-key"] as const)("%s is shown in the handshake and its ladder", (outcome) => {
    const { handshakes, changes } = judge([newStory()(call), check(outcome)]);
    expect(handshakes).toMatchObject([{ signature: outcome }]);
    expect(changes[1]?.handshakes).toHaveLength(1);
    const states = { verified: "ok", failed: "failed", "no-key": "unseen" };
    expect(handshakes[0]?.steps.find(({ step }) => step === "signing-key")?.state).toBe(states[outcome]);
  });

  test("that of the inner actor token counts, that of an assertion does not", () => {
    const transaction = newStory()(userCall);
    expect(judge([transaction, check("verified", "authorization/actor")]).handshakes).toMatchObject([
      { signature: "verified" },
    ]);
    expect(judge([transaction, check("verified", "assertion")]).handshakes).toMatchObject([{ signature: "unchecked" }]);
  });

  test("of an unknown transaction changes nothing", () => {
    expect(judge([check("verified")]).handshakes).toEqual([]);
  });
});

describe("the ladder", () => {
  test("shows each step as ok, failed or unseen, in the order of the protocol", () => {
    const { handshakes } = play([
      probe,
      tokenRequest({ issued: actorToken() }),
      { ...call, status: 401, answer: [...offersAll, diagnostics("2000006", "invalid_client", "secret words")] },
    ]);
    expect(handshakes[0]?.steps).toEqual([
      { step: "probe", state: "ok", transactionId: "t1", note: "empty Bearer" },
      { step: "challenge", state: "ok", transactionId: "t1", note: "401 offering Bearer, Negotiate, NTLM, Basic" },
      { step: "signing-key", state: "unseen", transactionId: null, note: "signature not checked" },
      { step: "token", state: "ok", transactionId: "t2", note: "token issued" },
      { step: "call", state: "ok", transactionId: "t3", note: "token of the application alone" },
      { step: "answer", state: "failed", transactionId: "t3", note: "401 invalid_client (2000006)" },
    ]);
  });

  test("shows what was sent in place of a token", () => {
    const steps = play([probe, { authorization: basic }]).handshakes[0]?.steps ?? [];
    expect(steps.find(({ step }) => step === "call")).toMatchObject({
      state: "failed",
      note: "Basic in place of a token",
    });
    expect(steps.find(({ step }) => step === "answer")).toMatchObject({ state: "ok", note: "200" });
  });

  test("shows the token service's refusal, its silence, and a challenge that offers nothing", () => {
    const token = (one: Exchanged) => play([one]).handshakes[0]?.steps.find(({ step }) => step === "token");
    expect(token(tokenRequest({ error: "x" }))).toMatchObject({ state: "failed", note: "token service answered 400" });
    expect(token({ ...tokenRequest({}), status: null })).toMatchObject({
      state: "failed",
      note: "no answer of the token service",
    });
    const challenge = play([{ ...probe, answer: [] }]).handshakes[0]?.steps.find(({ step }) => step === "challenge");
    expect(challenge).toMatchObject({ state: "failed", note: "401 offering nothing" });
  });
});

describe("the checklist", () => {
  // The schema names of Exchange Web Services; the folder is the one in which archived messages land.
  const purges = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><m:CreateItem xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><m:SavedItemFolderId><t:DistinguishedFolderId Id="recoverableitemspurges"/></m:SavedItemFolderId><m:Items/></m:CreateItem></s:Body></s:Envelope>`;
  const soap: Exchanged = { headers: [["Content-Type", "text/xml; charset=utf-8"]], body: purges };

  test("is ticked by an accepted call of a service", () => {
    const { checklist } = play([{ ...userCall, ...soap }]);
    expect(checklist.find(({ sign }) => sign === "archived-messages")).toEqual({
      sign: "archived-messages",
      isSeen: true,
      evidence: ["t1"],
    });
    expect(checklist.map(({ sign }) => sign)).toEqual([
      "voicemail-greeting",
      "conversation-history",
      "archived-messages",
      "out-of-office",
    ]);
  });

  test("is not ticked by a call that EWS answered with an error, though its token was accepted", () => {
    const failed = `<s:Envelope><s:Body><m:CreateItemResponse><m:CreateItemResponseMessage ResponseClass="Error"><m:ResponseCode>ErrorNonExistentMailbox</m:ResponseCode></m:CreateItemResponseMessage></m:CreateItemResponse></s:Body></s:Envelope>`;
    const { checklist, verdict } = play([{ ...userCall, ...soap, answerBody: failed }]);
    expect({ verdict, seen: checklist.filter(({ isSeen }) => isSeen) }).toEqual({
      verdict: "oauth-confirmed",
      seen: [],
    });
    const fine = failed.replace('"Error"', '"Success"').replace("ErrorNonExistentMailbox", "NoError");
    expect(play([{ ...userCall, ...soap, answerBody: fine }]).checklist.some(({ isSeen }) => isSeen)).toBe(true);
  });

  test("is not ticked by a refused call, nor by a person's program", () => {
    const refused = play([{ ...userCall, ...soap, status: 401 }]);
    const person = play([{ agent: outlookAgent, authorization: ntlmLast, ...soap }]);
    for (const { checklist } of [refused, person]) expect(checklist.some(({ isSeen }) => isSeen)).toBe(false);
  });
});

describe("determinism and safety", () => {
  test("the same events give the same analysis, and a snapshot changes nothing", () => {
    const story = [probe, tokenRequest({ issued: actorToken() }), call, { authorization: basic }].map(newStory());
    const [one, other] = [startAnalysis({}), startAnalysis({})];
    for (const transaction of story) {
      one.accept({ kind: "transaction", transaction });
      one.snapshot();
      other.accept({ kind: "transaction", transaction });
    }
    expect(one.snapshot()).toEqual(other.snapshot());
  });

  test("no output holds a secret", () => {
    const secret = "SIGNATUREthatNobodyMaySee";
    const analysis = play([
      {
        ...call,
        authorization: `Bearer ${actorToken({ signature: secret })}`,
        status: 401,
        headers: [["Cookie", "session=topsecret"]],
      },
      { authorization: basic },
      tokenRequest({ issued: actorToken({ signature: secret }) }),
    ]);
    const { changes, ...snapshot } = analysis;
    const said = JSON.stringify([snapshot, changes.map(({ facts: _facts, ...rest }) => rest)]);
    for (const hidden of [secret, "topsecret", "Pa55word", basic.slice(6), "anna@contoso.com"])
      expect(said).not.toContain(hidden);
    expect(codes(analysis)).toContain("BASIC_FALLBACK");
  });

  test("a truncated or encoded body does not hide the rest", () => {
    const transaction = newStory()(call);
    const cut = {
      ...transaction,
      request: { ...transaction.request, body: { ...body("<s:Env"), truncated: true, contentCoding: "zstd" } },
    };
    expect(judge([cut]).handshakes).toMatchObject([{ verdict: "oauth-confirmed", principal: { id: skype } }]);
  });
});
