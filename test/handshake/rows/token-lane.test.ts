// The lane of a refusal that only event 2006 shows: its token says whether the application acts for a user ([MS-XOAUTH] 3.2.5.6: the
// outer token of an acting application holds the actor token).
import { expect, test } from "vitest";
import { startRowDecoder } from "../../../src/handshake/rows/read-row.ts";
import { proxyRow } from "../../diagnosis/log-rows.ts";
import { actorToken, outerToken } from "../../diagnosis/story.ts";

test.each([
  ["application", actorToken()],
  ["user", outerToken()],
])("a refused token of the lane %s", (lane, printedToken) => {
  const event = proxyRow({
    ...{ log: "windows-event", operation: "2006", signIn: "bearer-unauthenticated", status: null, backEndStatus: null },
    ...{ printedToken, refusal: { code: 2006, category: "InvalidOAuthTokenException", text: "" } },
  });
  expect(startRowDecoder().read(event)).toMatchObject({ role: "call", outcome: "refused", lane });
});
