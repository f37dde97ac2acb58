import { expect, test } from "vitest";
import { safeJsonBody } from "../../src/sanitising/safe-json-body.ts";

test("of an answer that tells of a refusal the diagnostics stay, and no person", () => {
  const body = JSON.stringify({
    Body: {
      Owner: "anna@contoso.com",
      MessageText: `Proxy web request failed. diagnostics: 2000005;reason="The user 'anna@contoso.com' is ambiguous.";error_category="invalid_user" LID: 1`,
    },
  });
  const safe = safeJsonBody(body, () => "abcdefghij") ?? "";
  expect(safe).toContain("diagnostics: 2000005;reason=");
  expect(safe).toContain("invalid_user");
  expect(safe).not.toContain("anna");
  expect(safeJsonBody(safe, () => "abcdefghij")).toBe(safe);
});
