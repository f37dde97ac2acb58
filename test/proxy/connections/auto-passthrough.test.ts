import { expect, test } from "vitest";
import { createAutoPassthrough } from "../../../src/proxy/connections/auto-passthrough.ts";

const [client, host, tenMinutes] = ["192.0.2.1", "exchange.test", 600_000];

function refuse(passthrough: ReturnType<typeof createAutoPassthrough>, times: number): void {
  for (let count = 0; count < times; count += 1) passthrough.recordRefusal(client, host, 0);
}

test("after three refusals in a row a host passes through for ten minutes, for that client only", () => {
  const passthrough = createAutoPassthrough(true);
  refuse(passthrough, 2);
  passthrough.recordAcceptance(client, host);
  refuse(passthrough, 2);
  expect(passthrough.applies(client, host, 1)).toBe(false);
  refuse(passthrough, 1);
  expect(passthrough.applies(client, host, tenMinutes - 1)).toBe(true);
  expect(passthrough.applies(client, host, tenMinutes)).toBe(false);
  expect(passthrough.applies("192.0.2.2", host, 1)).toBe(false);
  expect(passthrough.hasAccepted(client, host)).toBe(true);
});

test("never passes when it is turned off", () => {
  const passthrough = createAutoPassthrough(false);
  refuse(passthrough, 10);
  expect(passthrough.applies(client, host, 1)).toBe(false);
});

test("the pair used longest ago is forgotten when more than 1000 are remembered", () => {
  const passthrough = createAutoPassthrough(true);
  passthrough.recordAcceptance(client, "used.test");
  passthrough.recordAcceptance(client, "unused.test");
  for (let number = 0; number < 999; number += 1) {
    expect(passthrough.hasAccepted(client, "used.test")).toBe(true);
    passthrough.recordRefusal(client, `other${number}.test`, 0);
  }
  expect(passthrough.hasAccepted(client, "used.test")).toBe(true);
  expect(passthrough.hasAccepted(client, "unused.test")).toBe(false);
});
