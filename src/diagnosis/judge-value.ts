// A token on its own, as somebody pasted it: only what needs no request.
import type { S2sToken } from "../decoders/facts.ts";
import type { FindingReport } from "./analysis.ts";
import { explain, type Finding } from "./finding.ts";
import { layersOf, signedToken } from "./rule.ts";
import { judgeHeader } from "./rules/judge-algorithm.ts";
import { judgeAudienceRealm } from "./rules/judge-audience.ts";
import { judgeCaller } from "./rules/judge-issuer.ts";
import { judgeTokenLayers } from "./rules/judge-layers.ts";
import { judgeTenants } from "./rules/judge-tenant-boundary.ts";

/** Judges a token without its transaction. Expiry is only said, as information, and only when `at` is given. */
export function judgeToken(
  token: S2sToken,
  context: { readonly at?: number; readonly realm?: string } = {},
): readonly FindingReport[] {
  const findings: readonly Finding[] = [
    ...judgeTenants(token),
    ...judgeTokenLayers(token),
    ...judgeHeader(token),
    ...layersOf(token).flatMap((layer) => judgeAudienceRealm(layer.token)),
    ...judgeCaller(token),
    ...judgeKind(token),
    ...judgeAge(token, context.at),
    ...judgeRealm(token, context.realm),
  ];
  const reports = new Map<string, FindingReport>();
  for (const finding of findings) {
    const report = { ...explain(finding), evidence: [], count: 1 };
    reports.set(`${report.code} ${report.message}`, report);
  }
  return [...reports.values()];
}

function judgeKind(token: S2sToken): readonly Finding[] {
  if (token.tokenKind !== "exchange-identity") return [];
  return [{ code: "EXCHANGE_IDENTITY_TOKEN", host: token.audienceText === "" ? "an add-in" : token.audienceText }];
}

function judgeAge(token: S2sToken, at: number | undefined): readonly Finding[] {
  const { expires } = signedToken(token);
  if (expires === null) return [{ code: "TOKEN_WITHOUT_EXPIRY", layer: "token" }];
  return at !== undefined && at >= expires ? [{ code: "TOKEN_OUT_OF_DATE", expiredAt: expires, at }] : [];
}

function judgeRealm(token: S2sToken, realm: string | undefined): readonly Finding[] {
  const seen = token.caller?.realm || token.tenant;
  if (realm === undefined || seen === "" || seen.toLowerCase() === realm.toLowerCase()) return [];
  return [{ code: "REALM_MISMATCH", expected: realm, seen }];
}
