import type { Finding } from "../catalogue/finding.ts";
import { noFindings, type Rule } from "./rule.ts";

/** Compares the caller's realm with `--realm` and with the realm of the server's challenge. */
export const judgeRealm: Rule = ({ tokens, correlation, realm }) => {
  if (correlation.role !== "call") return noFindings;
  const learned = correlation.conversation.challenge?.realm ?? "";
  const findings: Finding[] = [];
  for (const token of tokens) {
    const seen = token.caller?.realm || token.tenant;
    if (seen === "" || seen === "*") continue;
    if (realm !== null && isOther(realm, seen)) findings.push({ code: "REALM_MISMATCH", expected: realm, seen });
    if (learned !== "" && learned !== "*" && isOther(learned, seen))
      findings.push({ code: "CHALLENGE_REALM_MISMATCH", expected: learned, seen });
  }
  return findings;
};

function isOther(expected: string, seen: string): boolean {
  return expected !== seen && expected.toLowerCase() !== seen.toLowerCase();
}
