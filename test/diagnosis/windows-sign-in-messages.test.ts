// NTLM's first message carries no credentials, and NTLM signs in a connection and not a request ([MS-NLMP] 1.3.1, [MS-NTHT]).
import { describe, expect, test } from "vitest";
import {
  actorToken,
  cloudAgent,
  type Exchanged,
  ntlmChallenge,
  ntlmLast,
  ntlmOpening,
  offersAll,
  play,
} from "./story.ts";

const service = { agent: cloudAgent, connection: "c1" } as const;
const challenge: Exchanged = { ...service, status: 401, answer: offersAll };
const opening: Exchanged = {
  ...{ ...service, status: 401, authorization: ntlmOpening },
  answer: [["WWW-Authenticate", `NTLM ${ntlmChallenge}`]],
};
const last: Exchanged = { ...service, authorization: ntlmLast };

describe("a service's NTLM", () => {
  test("its first message decides nothing", () => {
    const { verdict, findings, handshakes } = play([challenge, opening]);
    expect(verdict).toBe("inconclusive");
    expect(handshakes.map(({ signIns }) => signIns)).toEqual([[]]);
    expect(findings.map(({ code }) => code)).not.toContain("WINDOWS_AUTH_BY_SERVICE");
  });

  test("inside Negotiate as well", () => {
    const inside = { ...opening, authorization: ntlmOpening.replace("NTLM", "Negotiate") };
    expect(play([challenge, inside]).verdict).toBe("inconclusive");
  });

  test("refused twice: it tried and did not get in", () => {
    const refused = { ...last, status: 401, answer: offersAll };
    const { verdict, findings } = play([challenge, opening, refused, opening, refused]);
    expect(verdict).toBe("other-auth");
    const messages = findings.map(({ message }) => message).join("\n");
    expect(messages).toContain("tried to sign in to mail.contoso.com with NTLM");
    expect(messages).toContain("was refused");
    expect(messages).not.toMatch(/signed in to/);
  });

  test("accepted: it signed in", () => {
    const { verdict, findings } = play([challenge, opening, last]);
    expect(verdict).toBe("other-auth");
    expect(findings.map(({ message }) => message).join("\n")).toContain("signed in to mail.contoso.com with NTLM");
  });
});

describe("requests after NTLM on the same connection", () => {
  const bare: Exchanged = { ...service };
  const authOf = (story: readonly Exchanged[]): readonly string[] =>
    play(story).changes.map(({ row }) => row?.auth ?? "");

  test("are shown as NTLM", () => {
    expect(authOf([opening, last, bare, bare])).toEqual(["NTLM", "NTLM", "NTLM", "NTLM"]);
  });

  test("on another connection they are anonymous", () => {
    expect(authOf([opening, last, { ...bare, connection: "c2" }]).at(-1)).toBe("anon");
  });

  test("after a refusal they are anonymous", () => {
    expect(authOf([opening, { ...last, status: 401 }, bare]).at(-1)).toBe("anon");
    expect(authOf([opening, last, { ...bare, status: 401 }, bare]).slice(2)).toEqual(["anon", "anon"]);
  });
});

test.each([
  ["GET", "/autodiscover/autodiscover.xml", "oauth-confirmed"],
  ["POST", "/autodiscover/autodiscover.xml", "oauth-confirmed"],
  ["GET", "/autodiscover/autodiscover.json/v1.0/anna@contoso.com?Protocol=ews", "inconclusive"],
])("a token with %s %s that is answered with 200: %s", (method, path, verdict) => {
  expect(play([{ path, method, authorization: `Bearer ${actorToken()}` }]).verdict).toBe(verdict);
});
