import { wellKnownApplication } from "../../core/well-known-applications.ts";
import { isTrustedKeySource } from "../../decoders/tokens/token-kind.ts";
import type { Rule } from "./rule.ts";

/** A token service's keys from an untrusted host or without TLS. A server's own metadata document concerns only that server. */
export const judgeMetadata: Rule = ({ transaction, facts, host }) => {
  const { metadata, endpoint } = facts;
  if (metadata === null || metadata.keys.length === 0 || isTrustedKeySource(transaction)) return [];
  const isTokenServices =
    endpoint === "sts-metadata" || wellKnownApplication(metadata.issuer?.id ?? "")?.role === "sts";
  return isTokenServices ? [{ code: "SIGNING_KEYS_IGNORED", host, scheme: transaction.scheme }] : [];
};
