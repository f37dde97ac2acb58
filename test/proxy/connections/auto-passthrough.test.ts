import { expect, test } from "vitest";
import type { TlsCause } from "../../../src/core/capture-event.ts";
import { type AutoPassthrough, createAutoPassthrough } from "../../../src/proxy/connections/auto-passthrough.ts";

const who = { address: "192.0.2.1", fingerprint: "0123456789abcdef", target: "exchange.test:443" };
const other = { ...who, fingerprint: "fedcba9876543210" };
const tenMinutes = 600_000;
const later = 5_000;

function fail(passthrough: AutoPassthrough, cause: TlsCause, times: number, now = later): string[] {
  return Array.from({ length: times }, () => passthrough.recordFailure(who, { cause, since: now }, now));
}

test.each<[TlsCause, string]>([
  ["distrust", "client-distrusts-ca"],
  ["certificate-expired", "client-distrusts-ca"],
  ["certificate-unusable", "client-distrusts-ca"],
  ["no-http1", "client-needs-http2"],
  ["versions", "client-needs-other-tls"],
  ["ciphers", "client-needs-other-tls"],
  ["other", "client-needs-other-tls"],
])("three failures by %s pass the program through for ten minutes: %s", (cause, reason) => {
  const passthrough = createAutoPassthrough(true);
  expect(fail(passthrough, cause, 2)).toEqual(["named", "named"]);
  expect(passthrough.decide(who, later)).toBeNull();
  fail(passthrough, cause, 1);
  expect(passthrough.decide(who, later)).toEqual({ reason, isTrial: false });
  expect(passthrough.decide(who, later + tenMinutes)).toBeNull();
});

test("another program, another address and another port are opened all the same", () => {
  const passthrough = createAutoPassthrough(true);
  fail(passthrough, "distrust", 3);
  expect(passthrough.decide(other, later)).toBeNull();
  expect(passthrough.decide({ ...who, address: "192.0.2.2" }, later)).toBeNull();
  expect(passthrough.decide({ ...who, target: "exchange.test:8443" }, later)).toBeNull();
});

test("requests of one program do not hide the failures of another at the same address", () => {
  const passthrough = createAutoPassthrough(true);
  for (let count = 0; count < 50; count += 1) passthrough.recordAcceptance(other, 0);
  fail(passthrough, "distrust", 3);
  expect(passthrough.decide(who, later)?.reason).toBe("client-distrusts-ca");
  expect(passthrough.decide(other, later)).toBeNull();
});

test("failures of a program that others of its kind succeed with pass it through once they outnumber the successes", () => {
  const passthrough = createAutoPassthrough(true);
  for (let count = 0; count < 4; count += 1) passthrough.recordAcceptance(who, 0);
  fail(passthrough, "distrust", 4);
  expect(passthrough.decide(who, later)).toBeNull();
  fail(passthrough, "distrust", 1);
  expect(passthrough.decide(who, later)?.reason).toBe("client-distrusts-ca");
});

test("successes are forgotten after twenty minutes", () => {
  const passthrough = createAutoPassthrough(true);
  for (let count = 0; count < 50; count += 1) passthrough.recordAcceptance(who, 0);
  const after = 2 * tenMinutes + 1;
  fail(passthrough, "distrust", 3, after);
  expect(passthrough.decide(who, after)?.reason).toBe("client-distrusts-ca");
});

test.each<[TlsCause, string]>([
  ["left-in-handshake", "client-distrusts-ca"],
  ["left-without-request", "client-leaves"],
])("three times %s leads to a trial, and a request in it passes the program through: %s", (cause, reason) => {
  const passthrough = createAutoPassthrough(true);
  expect(fail(passthrough, cause, 3)).toEqual(["undecided", "undecided", "undecided"]);
  expect(passthrough.decide(who, later)).toEqual({ reason, isTrial: true });
  passthrough.recordTrial(who, true, later);
  expect(passthrough.decide(who, later + tenMinutes - 1)).toEqual({ reason, isTrial: false });
  expect(passthrough.decide(who, later + tenMinutes)).toBeNull();
});

test("a program that leaves a trial as well is a health check, until a later trial shows a request", () => {
  const passthrough = createAutoPassthrough(true);
  fail(passthrough, "left-without-request", 3);
  passthrough.recordTrial(who, false, later);
  expect(passthrough.decide(who, later)).toBeNull();
  expect(fail(passthrough, "left-without-request", 3)).toEqual(["probe", "probe", "probe"]);
  expect(passthrough.decide(who, later)?.isTrial).toBe(true);
  passthrough.recordTrial(who, true, later);
  expect(passthrough.decide(who, later)).toEqual({ reason: "client-leaves", isTrial: false });
});

test("of several trials at once the one with a request decides", () => {
  const passthrough = createAutoPassthrough(true);
  fail(passthrough, "left-without-request", 3);
  passthrough.recordTrial(who, false, later);
  passthrough.recordTrial(who, true, later);
  expect(passthrough.decide(who, later)?.isTrial).toBe(false);
});

test("a leave while the same program sends a request on another connection, or just after, is a spare connection", () => {
  const passthrough = createAutoPassthrough(true);
  passthrough.recordAcceptance(who, 1_000);
  const hear = passthrough.recordAcceptance(who, 1_000);
  hear(2_000);
  const leave = (since: number): string =>
    passthrough.recordFailure(who, { cause: "left-without-request", since }, since + 3_000);
  expect([1_900, 1_900, 1_950].map(leave)).toEqual(["probe", "probe", "probe"]);
  expect(leave(4_001)).toBe("undecided");
  expect(leave(4_000)).toBe("probe");
});

test("a program that always leaves does not hide behind a busy one of its kind", () => {
  const passthrough = createAutoPassthrough(true);
  const hear = passthrough.recordAcceptance(who, 0);
  const judged = Array.from({ length: 4 }, (_, call) => {
    const now = 3_000 * call;
    hear(now);
    return passthrough.recordFailure(who, { cause: "left-in-handshake", since: now - 100 }, now);
  });
  expect(judged).toEqual(["probe", "undecided", "undecided", "undecided"]);
  expect(passthrough.decide(who, 9_000)).toEqual({ reason: "client-distrusts-ca", isTrial: true });
});

test("neither a silent client nor one without TLS is held against the program", () => {
  const passthrough = createAutoPassthrough(true);
  fail(passthrough, "timeout", 5);
  fail(passthrough, "not-tls", 5);
  expect(passthrough.decide(who, later)).toBeNull();
});

test("never passes when it is turned off, and every leave is named", () => {
  const passthrough = createAutoPassthrough(false);
  fail(passthrough, "distrust", 10);
  expect(fail(passthrough, "left-without-request", 10)).toEqual(Array.from({ length: 10 }, () => "named"));
  expect(passthrough.decide(who, later)).toBeNull();
});

test("the pair used longest ago is forgotten when more than 1000 are remembered", () => {
  const passthrough = createAutoPassthrough(true);
  fail(passthrough, "distrust", 3);
  for (let number = 0; number < 1000; number += 1) {
    passthrough.recordAcceptance({ ...who, target: `other${number}.test:443` }, later);
  }
  expect(passthrough.decide(who, later)).toBeNull();
});
