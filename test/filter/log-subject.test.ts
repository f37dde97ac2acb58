// What a filter and the screen know of a row of a log.
import { expect, test } from "vitest";
import { logSubject } from "../../src/filter/subject.ts";
import { logRow } from "../sanitising/log-row-maker.ts";
import { row } from "../tui/row-maker.ts";

const teams = "7557eb47-c689-4224-abcf-aef9bd7573df";
const realm = "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa";
const named = { applicationId: teams, shownBy: "AuthenticatedUser" } as const;

test("caller and realm of the row are those of its token, with the name of a well-known application", () => {
  const subject = logSubject(row("l1"), logRow({ caller: named, realm }), [{ code: "LOG_EVIDENCE_ONLY" }]);
  expect(subject.token).toMatchObject({ realm, issuer: "", audience: "", algorithm: "", expiresAt: null });
  expect(subject.token?.application).toMatch(new RegExp(`^Teams Scheduler ${teams}$`));
  expect(subject.findings).toEqual(["LOG_EVIDENCE_ONLY"]);
});

test("a row that shows neither has no token", () => {
  expect(logSubject(row("l1"), logRow({ caller: null, realm: null }), []).token).toBeNull();
});

test("the side and the direction of the row are the parties of the call", () => {
  const of = (side: "front-end" | "token-service", direction: "inbound" | "outbound"): string =>
    logSubject(row("l1", { direction }), logRow({ side }), []).direction;
  expect(of("front-end", "inbound")).toBe("S>X");
  expect(of("front-end", "outbound")).toBe("X>S");
  expect(of("token-service", "outbound")).toBe("X>T");
});
