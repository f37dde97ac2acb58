import { exchangeBuild } from "../../core/exchange-builds.ts";
import { blockedSince } from "./judge-shared-principal.ts";
import type { Rule } from "./rule.ts";

/** Servers behind one name that answer the same kind of call differently. */
export const judgeServers: Rule = ({ correlation, host }) => {
  const servers = correlation.servers?.refusing ?? [];
  return servers.length === 0 ? [] : [{ code: "SERVERS_DISAGREE", host, servers: servers.join(", ") }];
};

/** A server whose build cannot use the dedicated hybrid application, since it is needed. Exchange Online has other builds. */
export const judgeBuild: Rule = ({ transaction, facts, host }) => {
  const build = facts.exchangeVersion === "" ? null : exchangeBuild(facts.exchangeVersion);
  const isBefore = transaction.startedAt > 0 && transaction.startedAt < blockedSince;
  if (build === null || build.supportsHybridApp || isBefore) return [];
  return [
    {
      code: "EXCHANGE_BUILD_TOO_OLD",
      host,
      build: build.build,
      name: build.name,
      from: build.hybridAppFrom ?? "",
      outOfSupportSince: build.outOfSupportSince ?? "",
    },
  ];
};
