import type { Rule } from "./rule.ts";

/** The leeway that token checks usually have; beyond it a wrong clock makes good tokens fail. */
const leewayMs = 300_000;

/** The server's `Date` against the capture's clock, for servers that a service or a token request went to. */
export const judgeClock: Rule = ({ transaction, facts, correlation, host }) => {
  if (facts.serverDate === null || (correlation.handshake === null && correlation.role !== "sts")) return [];
  const answeredAt = transaction.startedAt + (transaction.durationMs ?? 0);
  const skewMs = facts.serverDate - answeredAt;
  return Math.abs(skewMs) <= leewayMs ? [] : [{ code: "CLOCK_SKEW", host, seconds: Math.round(skewMs / 1000) }];
};
