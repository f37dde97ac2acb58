import type { Rule } from "../rule.ts";

/** Several servers behind one name that do not agree about the same token. */
export const judgeServers: Rule = ({ correlation, host }) => {
  const servers = correlation.handshake?.refusingServers ?? [];
  if (correlation.outcome === null || servers.length === 0) return [];
  return [{ code: "SERVERS_DISAGREE", host, servers: servers.join(", ") }];
};
