import { describe, expect, test } from "vitest";
import { decodeToken } from "../../src/decoders/s2s-token.ts";
import { judgeToken } from "../../src/diagnosis/judge-value.ts";
import {
  actorToken,
  exchange,
  jwt,
  mail,
  otherTenant,
  outerToken,
  scheduler,
  start,
  startSeconds,
  tenant,
} from "./story.ts";

function judged(compact: string, context: { at?: number; realm?: string } = {}): readonly string[] {
  const token = decodeToken(compact);
  if (!token.ok) throw new Error(token.problem);
  return judgeToken(token.value, context).map(({ code, severity }) => `${severity} ${code}`);
}

describe("judgeToken", () => {
  const cases: readonly [name: string, compact: string, findings: readonly string[]][] = [
    ["a good actor token", actorToken(), ["info ISSUER_SEEN"]],
    ["a good outer token", outerToken(), ["info ISSUER_SEEN"]],
    [
      "an outer token around another application's actor token",
      outerToken({ actor: actorToken({ caller: scheduler }) }),
      ["error ISSUER_IS_NOT_ACTOR", "info ISSUER_SEEN"],
    ],
    [
      "an actor token of another tenant",
      outerToken({ actor: actorToken({ realm: otherTenant }) }),
      ["alarm CROSS_TENANT_ACTOR", "warning ISSUER_SPELLED_OTHERWISE", "info ISSUER_SEEN"],
    ],
    [
      "an unsigned token",
      actorToken({ header: { alg: "none" }, signature: "" }),
      ["error UNSIGNED_TOKEN", "info ISSUER_SEEN"],
    ],
    [
      "a token without expiry",
      actorToken({ claims: { exp: undefined } }),
      ["info ISSUER_SEEN", "warning TOKEN_WITHOUT_EXPIRY"],
    ],
    [
      "an audience in another realm",
      actorToken({ claims: { aud: `${exchange}/${mail}@contoso.com` } }),
      ["error AUDIENCE_REALM_MISMATCH", "info ISSUER_SEEN"],
    ],
    [
      "an identity token for add-ins",
      jwt({ alg: "RS256" }, { aud: "https://a.example/", iss: `${exchange}@${mail}`, appctx: "{}", exp: startSeconds }),
      ["info EXCHANGE_IDENTITY_TOKEN"],
    ],
  ];
  test.each(cases)("%s", (_name, compact, findings) => {
    expect(judged(compact)).toEqual(findings);
  });

  test("expiry is information, and only against a time that was given", () => {
    expect(judged(actorToken({ claims: { exp: startSeconds - 1 } }))).toEqual(["info ISSUER_SEEN"]);
    expect(judged(actorToken({ claims: { exp: startSeconds - 1 } }), { at: start })).toEqual([
      "info ISSUER_SEEN",
      "info TOKEN_OUT_OF_DATE",
    ]);
    expect(judged(actorToken({ claims: { exp: startSeconds + 1 } }), { at: start })).toEqual(["info ISSUER_SEEN"]);
  });

  test("the age of an expired token is said in words that fit it", () => {
    const words = (seconds: number): string => {
      const token = decodeToken(actorToken({ claims: { exp: startSeconds - seconds } }));
      const found = token.ok ? judgeToken(token.value, { at: start }) : [];
      return found.find(({ code }) => code === "TOKEN_OUT_OF_DATE")?.message ?? "";
    };
    expect(words(90)).toContain(", 90 s ago");
    expect(words(3_000)).toContain(", 50 min ago");
    expect(words(36_000)).toContain(", 10 h ago");
    expect(words(864_000)).toContain(", 10 days ago");
  });

  test("the realm is compared when it is given", () => {
    expect(judged(actorToken(), { realm: tenant })).not.toContain("error REALM_MISMATCH");
    expect(judged(actorToken(), { realm: otherTenant })).toContain("error REALM_MISMATCH");
  });
});
