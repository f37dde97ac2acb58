import type { Rule } from "./rule.ts";

/** The usual leeway of token checks; beyond it valid tokens are refused. */
const leewayMs = 300_000;

/** Compares the server's `Date` with the capture's clock, for answers to services and to token requests. */
export const judgeClock: Rule = ({ transaction, facts, correlation, host }) => {
  if (facts.serverDate === null || (correlation.handshake === null && correlation.role !== "sts")) return [];
  const answeredAt = transaction.startedAt + (transaction.durationMs ?? 0);
  const skewMs = facts.serverDate - answeredAt;
  return Math.abs(skewMs) <= leewayMs ? [] : [{ code: "CLOCK_SKEW", host, seconds: Math.round(skewMs / 1000) }];
};
