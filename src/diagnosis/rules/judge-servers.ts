import type { Rule } from "./rule.ts";

/** Servers behind one name that answer the same kind of call differently. */
export const judgeServers: Rule = ({ correlation, host }) => {
  const servers = correlation.servers?.refusing ?? [];
  return servers.length === 0 ? [] : [{ code: "SERVERS_DISAGREE", host, servers: servers.join(", ") }];
};
