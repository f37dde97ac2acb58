// Markers as exporters and scrubbers write them, and what must never be taken for one.
import { describe, expect, test } from "vitest";
import { decodeAuthorization } from "../../../src/decoders/tokens/authorization.ts";
import { isRemovedCookie, isRemovedMarker } from "../../../src/decoders/tokens/removed-marker.ts";
import { actorToken, basic } from "../../diagnosis/story.ts";

const markers = [
  ...["REDACTED", "redacted", "[REDACTED]", "<redacted>", "(Redacted)", "{{REDACTED}}", "**REDACTED**", "__redacted__"],
  ...["removed", "[removed]", "hidden", "<hidden>", "masked", "Sanitized", "sanitised", "[FILTERED]", "omitted"],
  ...["***", "*****", "[***]", "xxx", "XXXXXXXX", "xxxx-xxxx", "•••", "…", "...", "---"],
  ...["[Authorization redacted]", "token removed by exporter", "REDACTED_TOKEN", "value-masked", "<token>", "[token]"],
];

describe("a marker is neither a probe nor a token", () => {
  test.each(markers)("%s", (marker) => {
    expect(isRemovedMarker(marker)).toBe(true);
    expect(decodeAuthorization(marker).scheme).toBe("removed");
    for (const scheme of ["Bearer", "Basic", "NTLM", "negotiate"])
      expect(decodeAuthorization(`${scheme} ${marker}`)).toEqual({ scheme: "removed", name: scheme.toLowerCase() });
  });

  test.each(["eyJ0eXAiOiJKV1QiLCJhbGciOi***", "eyJ0eXAi…", "eyJ0eXAi...", "eyJ0.[REDACTED].x", "abcdxxxxxxxxxxxx"])(
    "a token of which a part was taken away: %s",
    (value) => expect(decodeAuthorization(`Bearer ${value}`).scheme).toBe("removed"),
  );
});

describe("everything else stays what it is", () => {
  test.each([
    ["a token", `Bearer ${actorToken()}`, "bearer"],
    ["a probe", "Bearer", "bearer-probe"],
    ["a probe with a blank", "Bearer ", "bearer-probe"],
    ["a password", basic, "basic"],
    ["an opaque token", "Bearer 2YotnFZFEjr1zCsicMWpAA", "bearer"],
    ["an opaque token with a word in it", "Bearer redacted7f3c1e2a", "bearer"],
    ["credentials that are no base64", "Basic !!!", "basic"],
    ["another scheme", "Digest username=x", "other"],
    ["nothing", "", "none"],
    // What our own sanitising leaves says beside it what was there.
    ["our own marker of a token", "Bearer <redacted len=40 tag=abcd>", "bearer"],
    ["our own marker of a password", "Basic <redacted len=12 tag=abcd>", "basic"],
    ["our own marker of a ticket", "Negotiate <negotiate:kerberos>", "negotiate"],
  ])("%s", (_name, value, scheme) => {
    expect(decodeAuthorization(value).scheme).toBe(scheme);
  });
});

test("cookies that were taken away, whole or one by one; our own markers are not", () => {
  expect(["REDACTED", "[removed]", "sid=REDACTED", "a=1; sid=<hidden>", "sid=***"].map(isRemovedCookie)).toEqual(
    Array(5).fill(true),
  );
  expect(["sid=abc123", "a=1; b=2", "sid=<redacted len=9 tag=abcd>", ""].map(isRemovedCookie)).toEqual(
    Array(4).fill(false),
  );
});

test("a long text of marks takes no time", () => {
  const started = performance.now();
  isRemovedMarker("x".repeat(1_000_000));
  decodeAuthorization(`Bearer ${"<[".repeat(30_000)}`);
  decodeAuthorization(`Bearer ${"*.".repeat(1_000_000)}`);
  expect(performance.now() - started).toBeLessThan(2_000);
});
