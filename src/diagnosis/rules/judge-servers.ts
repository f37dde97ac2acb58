import type { Rule } from "./rule.ts";

/** Several servers behind one name that do not agree about the same kind of call. */
export const judgeServers: Rule = ({ correlation, host }) => {
  const servers = correlation.servers?.refusing ?? [];
  return servers.length === 0 ? [] : [{ code: "SERVERS_DISAGREE", host, servers: servers.join(", ") }];
};
