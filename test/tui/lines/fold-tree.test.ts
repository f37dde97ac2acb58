// Folding the tree of a token, by its keys and on a terminal in memory.
import { expect, onTestFinished, test } from "vitest";
import { pseudonymsFromKey } from "../../../src/app/pseudonyms.ts";
import type { FindingReport } from "../../../src/diagnosis/catalogue/finding.ts";
import { sanitiseTransaction } from "../../../src/sanitising/sanitise.ts";
import { actAsToken, actorClaims, compact, signedHeader } from "../../decoders/token-maker.ts";
import { transaction } from "../../decoders/transaction-maker.ts";
import { openTestScreen, type TestScreen } from "../../support/terminal-screen.ts";
import { analysis, handshake, subject } from "../row-maker.ts";

const expired = compact(signedHeader, { ...actorClaims, exp: 1_600_000_000 });
const finding: FindingReport = {
  code: "TOKEN_EXPIRED",
  severity: "error",
  message: "The token had expired.",
  remedy: "Set the clock.",
  evidence: ["t1"],
  count: 1,
};

function openToken(
  columns: number,
  { token = actAsToken(), findings = [] as readonly FindingReport[], isAscii = false } = {},
): TestScreen {
  const screen = openTestScreen({ columns, rows: 50 });
  onTestFinished(() => screen.end());
  const settings = { theme: "default", isAscii, keys: {} };
  screen.tell(
    { type: "hello", title: "x", mode: "demo", settings },
    { type: "rows", lost: 0, rows: [subject("t1"), subject("t2")] },
    { type: "analysis", analysis: analysis({ handshakes: [handshake()], findings }) },
  );
  screen.press("g", "2", "z");
  tellToken(screen, "t1", token);
  return screen;
}

function tellToken(screen: TestScreen, id: string, token: string): void {
  const plain = { ...transaction({ request: [["Authorization", `Bearer ${token}`]] }), id };
  screen.tell({ type: "detail", id, transaction: sanitiseTransaction(plain, pseudonymsFromKey(new Uint8Array(8))) });
}

const treeOf = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => /[▾▸]/.test(line))
    .map((line) => line.trim());

test("h folds the node of a line, l unfolds it, and h on a claim moves to its parent", async () => {
  const screen = openToken(120);
  const open = treeOf(await screen.text());
  expect(open).toEqual([
    expect.stringMatching(/^▾ Authorization of the request {2}application acts as a user$/),
    expect.stringMatching(/^▾ typ JWT {2}alg none +\[OK\] expected here$/),
    expect.stringMatching(/^└ ▾ Actor token {2}actor token$/),
    expect.stringMatching(/^▾ typ JWT {2}alg RS256 {2}x5t kriMPdmBvx68skT8-mPAB3BseeA +\[OK\] signature$/),
    "▾ other claims",
    "▾ other claims of the outer token",
  ]);
  screen.press("j", "h");
  expect(treeOf(await screen.text())[1]).toMatch(/^▸ typ JWT {2}alg none +5 claims folded, \[!!\]/);
  expect(await screen.text()).not.toContain("1003bffd80000001");
  screen.press("l");
  expect(treeOf(await screen.text())).toEqual(open);
  screen.press("j", "j", "left", "left");
  expect(treeOf(await screen.text())[1]).toMatch(/^▸/);
  screen.press("left", "left");
  const whole = treeOf(await screen.text());
  expect(whole).toHaveLength(1);
  expect(whole[0]).toMatch(/^▸ Authorization .* 14 claims folded, 3 fail, worst \[!!\]/);
  screen.press("left");
  expect(await screen.text()).toContain("nothing here folds further");
  screen.press("enter", "right");
  expect(treeOf(await screen.text())).toHaveLength(6);
  screen.press("right");
  expect(treeOf(await screen.text())).toEqual(open);
});

test.each([60, 80, 120, 200])("a folded token says the worst that it hides, at %i columns", async (columns) => {
  const screen = openToken(columns, { token: actAsToken(expired), findings: [finding] });
  expect(await screen.text()).toMatch(/\[XX\] TOKEN_EXPIRED/);
  screen.press("h");
  const [folded, ...more] = treeOf(await screen.text());
  expect(more).toEqual([]);
  expect(folded).toMatch(/^▸ .*folded.*\[XX\] TOKEN_EXPIRED$/);
});

test("the line of a folded token shows that the inner token cannot be decoded", async () => {
  const screen = openToken(120, { token: actAsToken("no.token") });
  screen.press("h");
  expect(treeOf(await screen.text())[0]).toMatch(/\[XX\] └ Actor token: cannot/);
});

test("what is folded stays so while one moves in the row, and another row begins open", async () => {
  const screen = openToken(120);
  screen.press("h", "4", "2");
  expect(treeOf(await screen.text())).toHaveLength(1);
  screen.press("escape", "escape", "j");
  tellToken(screen, "t2", actAsToken());
  screen.press("2", "z");
  expect(treeOf(await screen.text())).toHaveLength(6);
});

test("without a tree the keys change the tab, and ASCII has signs for both states", async () => {
  const screen = openToken(120, { isAscii: true });
  expect(await screen.text()).toMatch(/^- Authorization/m);
  screen.press("h");
  expect(await screen.text()).toMatch(/^\+ Authorization/m);
  screen.press("4", "l");
  expect(screen.store.state().tab).toBe("body");
  screen.press("h", "h");
  expect(screen.store.state().tab).toBe("ladder");
});
