import { expect, test } from "vitest";
import type { S2sToken } from "../../../src/decoders/facts.ts";
import { decodeToken } from "../../../src/decoders/tokens/s2s-token.ts";
import { claimVerdict } from "../../../src/tui/words/claim-verdicts.ts";
import { compact, signedHeader, tenant } from "../../decoders/token-maker.ts";
import { handshake } from "../row-maker.ts";

const application = "5d1c0e4b-3a17-4f0e-9a53-2f7d0f8a6c11";

function entraToken(aud: string, named: ReadonlyMap<string, string> = new Map()): S2sToken {
  const token = decodeToken(
    compact(signedHeader, {
      aud,
      iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
      ver: "2.0",
      azp: application,
      idtyp: "app",
      tid: tenant,
    }),
    named,
  );
  if (!token.ok) throw new Error(token.problem);
  return token.value;
}

function words(claim: string, token: S2sToken, host: string, principalName: string | null = null): string {
  const context = {
    transactionId: "t1",
    host,
    at: 0,
    handshake: handshake({ principal: { id: application, name: principalName }, realm: tenant, server: host }),
    findings: [],
    isActor: false,
  };
  return claimVerdict(claim, token, context)
    .map(([text]) => text)
    .join("");
}

test("the calling application is named, described as one of the tenant, or unknown", () => {
  const token = entraToken("https://graph.microsoft.com");
  expect(words("azp", token, "graph.microsoft.com")).toContain("[??] unknown application");
  expect(words("azp", token, "graph.microsoft.com", "an application of this tenant")).toContain(
    "[--] application of this tenant",
  );
  const named = entraToken("https://graph.microsoft.com", new Map([[application, "Hybrid"]]));
  expect(words("azp", named, "graph.microsoft.com")).toContain("[OK] Hybrid");
});

test.each([
  ["https://outlook.office365.com", "outlook.office365.com", "[OK] host"],
  ["https://outlook.office365.com", "outlook.office365.com:443", "[OK] host"],
  // Exchange Online answers under several names.
  ["https://outlook.office.com", "outlook.office365.com", "[OK] same service"],
  ["https://graph.microsoft.com", "outlook.office365.com", "[!!] other host"],
  ["https://outlook.office365.us", "outlook.office365.com", "[!!] other host"],
  ["https://mail.contoso.com", "owa.contoso.com", "[!!] other host"],
])("an audience %s at the host %s reads %s", (aud, host, expected) => {
  expect(words("aud", entraToken(aud), host)).toContain(expected);
});
