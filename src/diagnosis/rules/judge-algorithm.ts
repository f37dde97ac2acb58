import type { S2sToken } from "../../decoders/facts.ts";
import type { Finding } from "../catalogue/finding.ts";
import { findInTokens, layersOf, type Rule } from "./rule.ts";

/** The token's header: algorithm, embedded keys, critical extensions, repeated names. */
export const judgeAlgorithm: Rule = ({ tokens }) => findInTokens(tokens, judgeHeader);

/** The header rules for each layer of one token; also for a pasted one. */
export function judgeHeader(outer: S2sToken): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { token, layer } of layersOf(outer)) {
    if (!isFitting(token))
      findings.push({ code: "ALG_UNEXPECTED", alg: token.alg === "" ? "(none given)" : token.alg, layer });
    const own = keyMembers.filter((name) => Object.hasOwn(token.header, name));
    if (own.length > 0) findings.push({ code: "KEY_FROM_TOKEN", members: own.join(", ") });
    if (Object.hasOwn(token.header, "crit")) findings.push({ code: "CRITICAL_HEADER" });
    if (token.duplicates.length > 0)
      findings.push({ code: "DUPLICATE_CLAIMS", names: token.duplicates.slice(0, 5).join(", "), layer });
  }
  return findings;
}

const keyMembers = ["jku", "x5u", "jwk", "x5c"];

// RFC 8725 3.1: an explicit list. "none" is right exactly when there is no signature ([MS-XOAUTH] 3.2.5.6).
function isFitting({ alg, signature }: S2sToken): boolean {
  if (signature === "absent") return alg === "none";
  return /^(?:RS|PS|ES)(?:256|384|512)$/.test(alg);
}
