import { expect, test } from "vitest";
import { requiredFacts } from "../../src/expectations/expectations.ts";
import { expectations } from "../support/check-here.ts";

test("the facts of every match, each, step, group and leak are required, and no others", () => {
  const text = `version: 1
require: { entries: ">= 1" }
expect:
  - match: { host: mail.contoso.example }
    each: { response.status: 200 }
  - sequence: [ { kind: challenge }, { auth.scheme: bearer } ]
    by: client-request-id
forbid:
  - leak.*
  - finding.basic-fallback
  - { method: DELETE }
`;
  expect([...requiredFacts(expectations(text))].sort()).toEqual(
    ["auth.scheme", "client-request-id", "host", "kind", "leak.kind", "method", "response.status"].sort(),
  );
});
