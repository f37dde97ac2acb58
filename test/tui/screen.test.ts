// Whole screens on a terminal in memory.
import { describe, expect, onTestFinished, test } from "vitest";
import { pseudonymsFromKey } from "../../src/app/pseudonyms.ts";
import type { HttpTransaction } from "../../src/core/http-transaction.ts";
import { sanitiseTransaction } from "../../src/sanitising/sanitise.ts";
import type { ToScreen } from "../../src/tui/model/messages.ts";
import { tabNames } from "../../src/tui/model/view-parts.ts";
import { transaction } from "../sanitising/transaction-maker.ts";
import { openTestScreen, type TestScreen, type TestScreenOptions } from "../support/terminal-screen.ts";
import { analysis, handshake, subject } from "./row-maker.ts";

function open(columns: number, rows: number, options?: TestScreenOptions): TestScreen {
  const screen = openTestScreen({ columns, rows }, options);
  onTestFinished(() => screen.end());
  return screen;
}

const finding = {
  code: "BASIC_FALLBACK",
  severity: "alarm",
  message: "A service signed in with Basic.",
  remedy: "Change that password.",
  evidence: ["t2"],
  count: 2,
} as const;
const fallback = handshake({ id: "h2", verdict: "basic-fallback", principal: null, realm: "", steps: [] });
const confirmed = handshake({
  steps: [
    { step: "probe", state: "ok", transactionId: "t1", note: "empty Bearer" },
    { step: "challenge", state: "ok", transactionId: "t1", note: "401 offering Bearer" },
    { step: "answer", state: "ok", transactionId: "t1", note: "200" },
  ],
});
const counts = { ...analysis().counts, basicCredentials: 2 };
const both: readonly ToScreen[] = [
  { type: "hello", title: "demo x", mode: "demo" },
  {
    type: "rows",
    lost: 0,
    rows: [subject("t1"), subject("t2", { auth: "BASIC", worst: "alarm", handshakeId: "h2" })],
  },
  { type: "analysis", analysis: analysis({ handshakes: [confirmed, fallback], findings: [finding], counts }) },
];
const safe = (plain: HttpTransaction) => sanitiseTransaction(plain, pseudonymsFromKey(new Uint8Array(8)));

const sizes = [
  [60, 16],
  [64, 40],
  [79, 24],
  [80, 24],
  [80, 60],
  [90, 48],
  [100, 30],
  [110, 32],
  [120, 36],
  [169, 44],
  [170, 44],
  [200, 50],
] as const;

/** What would wipe the terminal or its history. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the codes that clear
const wiping = /\x1b\[[23]J/;

describe.each(sizes)("%i x %i", (columns, rows) => {
  test("two lines say whether OAuth is confirmed and whether Basic was used, with the rows that prove it", async () => {
    const screen = open(columns, rows);
    screen.tell(...both);
    const lines = await screen.lines();
    expect(lines[0]).toMatch(/^\[OK\] OAuth CONFIRMED ONE WAY.* t1$/);
    expect(lines[1]).toMatch(/^\[!!\] BASIC FALLBACK.* t2$/);
    expect(lines[2]).toContain("demo x");
    expect(lines.some((line) => />! +t2 /.test(line))).toBe(true);
    // The verdict on OAuth rests on that row.
    expect(lines.some((line) => /^ \* +t1 /.test(line))).toBe(true);
    expect(lines.at(-2)).toContain("q quit");
    expect(lines.at(-1)).toBe("");
  });

  test("every pane and the help fit, and nothing wipes the terminal", async () => {
    const screen = open(columns, rows);
    const long = transaction({
      headers: [["X-Long", "x".repeat(5000)]],
      body: `<a>${"<b/>".repeat(3000)}</a>`,
      answer: "\u0007y\u001b[2J",
    });
    screen.tell(...both);
    for (const tab of tabNames) {
      screen.press(":");
      screen.type(`show ${tab}`);
      screen.press("enter");
      screen.tell({ type: "detail", id: "t2", transaction: safe({ ...long, id: "t2" }) });
      for (const keys of [[], ["z"], ["G"], ["z", "?"], ["?"], ["?"], ["x"], ["escape"]]) {
        screen.press(...keys);
        const lines = await screen.lines();
        expect(lines[0]).toMatch(/^\[OK\] OAuth CONFIRMED/);
        expect(lines.at(-2)).toMatch(/\S/);
        expect(lines.at(-1)).toBe("");
      }
    }
    for (const question of ["m", "a", "'", "e", ":", "/"]) {
      screen.press(question);
      expect((await screen.lines()).at(-2)).toMatch(/\S/);
      screen.press("escape");
    }
    expect(screen.written()).not.toMatch(wiping);
  });
});

test("after each of many sizes the frame fits, and nothing but the redrawing itself wipes", async () => {
  const screen = open(80, 24);
  screen.tell(...both);
  for (const [columns, rows] of sizes) {
    screen.resize({ columns, rows });
    const lines = await screen.lines();
    expect(lines).toHaveLength(rows);
    expect(lines[0]).toMatch(/^\[OK\] OAuth CONFIRMED/);
    expect(lines.at(-1)).toBe("");
  }
  expect(screen.written()).not.toMatch(wiping);
});

describe("what the two lines say", () => {
  const say = async (
    parts: Parameters<typeof analysis>[0],
    more: readonly ToScreen[] = [],
  ): Promise<readonly string[]> => {
    const screen = open(160, 40);
    screen.tell(
      { type: "hello", title: "watch", mode: "live" },
      { type: "analysis", analysis: analysis(parts) },
      ...more,
    );
    return (await screen.lines()).slice(0, 2);
  };

  test("before any traffic it waits", async () => {
    const screen = open(80, 24);
    screen.tell({ type: "hello", title: "watch", mode: "live" }, { type: "notice", text: "forward 127.0.0.1:1" });
    const lines = await screen.lines();
    expect(lines[0]).toBe("[..] WAITING for OAuth  no traffic yet");
    expect(lines[1]).toBe("[..] Basic: nothing seen yet");
    expect(lines[2]).toContain("forward 127.0.0.1:1");
  });

  test("confirmed in both directions, and Basic not used", async () => {
    const own = handshake({
      ...confirmed,
      id: "h2",
      direction: "outbound",
      route: "graph",
      tokenService: "entra-v2",
      server: "graph.microsoft.com",
      principal: { id: "3d3f9a5c-6b0e-4f57-9a3c-1f2e3d4c5b6a", name: null },
    });
    const [oauth, basic] = await say({ handshakes: [confirmed, own] });
    expect(oauth).toMatch(
      /^\[OK\] OAuth CONFIRMED {2}inbound via EWS \(ACS\) · outbound via Graph \(Entra v2\) {2}realm 7f3c1e2a-…-90aa {2}/,
    );
    expect(basic).toMatch(/^\[OK\] Basic NOT used {2}no password in 2 requests/);
  });

  test("refused, with the step and the reason; another caller that is confirmed is not hidden", async () => {
    const [oauth] = await say({ handshakes: [confirmed, handshake({ id: "h2", verdict: "oauth-rejected" })] });
    expect(oauth).toMatch(
      /^\[XX\] OAuth FAILED {2}at step 4, answer: 401 {2}inbound via EWS \(ACS\) {2}outbound not seen .*CONFIRMED for Skype for Business Online.* t2$/,
    );
  });

  test("a token that was refused before a password was sent is a failure of OAuth, too", async () => {
    const [oauth, basic] = await say({ handshakes: [handshake({ verdict: "basic-fallback" })], counts });
    expect(oauth).toMatch(/^\[XX\] OAuth FAILED/);
    expect(basic).toMatch(/^\[!!\] BASIC FALLBACK {2}a password was sent to mail\.contoso\.example/);
  });

  test("how long the token of the last call holds, and that it has ended", async () => {
    const screen = open(160, 40);
    const expiresAt = Date.UTC(2026, 0, 15, 20);
    const token = { issuer: "", audience: "", application: "", realm: "", algorithm: "RS256", expiresAt };
    const endedAt = Date.UTC(2026, 0, 15, 19, 50);
    const confirmedNow = handshake({ ...confirmed, endedAt });
    screen.tell(
      { type: "hello", title: "w", mode: "live" },
      { type: "rows", lost: 0, rows: [subject("t1", {}, { token })] },
      { type: "analysis", analysis: analysis({ handshakes: [confirmedNow] }) },
    );
    screen.store.tick(endedAt + 60_000);
    expect((await screen.lines())[0]).toMatch(/^\[OK\] OAuth CONFIRMED ONE WAY .* token exp 9m /);
    screen.store.tick(expiresAt + 60_000);
    screen.store.draw();
    expect((await screen.lines())[0]).toMatch(/^\[--\] OAuth CONFIRMED ONE WAY, STALE {2}token expired 1m ago/);
    // A call after that end has a newer token.
    const later = handshake({ ...confirmed, endedAt: expiresAt + 5_000 });
    screen.tell({ type: "analysis", analysis: analysis({ handshakes: [later] }) });
    expect((await screen.lines())[0]).toMatch(/^\[OK\] OAuth CONFIRMED ONE WAY {2}/);
  });

  test("in progress, undecided, another sign-in, a password of an unknown caller, and stale", async () => {
    const open = handshake({
      verdict: "inconclusive",
      steps: [confirmed.steps[1] ?? { step: "challenge", state: "ok", transactionId: null, note: "" }],
    });
    expect((await say({ handshakes: [open] }))[0]).toMatch(/^\[\.\.\] OAuth IN PROGRESS 1\/4/);
    expect((await say({ handshakes: [open] }, [{ type: "ended" }]))[0]).toMatch(/^\[\?\?\] OAuth UNDECIDED/);
    const signIns = [{ scheme: "ntlm", answer: "accepted", afterBearer: true }] as const;
    const other = await say({ handshakes: [handshake({ verdict: "other-auth", steps: [], signIns })] });
    expect(other[0]).toMatch(/^\[\?\?\] OAuth NOT USED/);
    expect(other[1]).toMatch(/^\[\?\?\] Basic NOT used {2}a service signed in with NTLM, although OAuth was offered/);
    expect((await say({ handshakes: [], counts }))[1]).toMatch(/^\[!!\] BASIC USED ×2 {2}not by a service/);
    expect((await say({ handshakes: [], counts }, [{ type: "ended" }]))[0]).toMatch(/^\[\?\?\] OAuth NOT SEEN/);
    const screen = open_(160, 40);
    screen.tell(
      { type: "hello", title: "w", mode: "live" },
      { type: "analysis", analysis: analysis({ handshakes: [confirmed] }) },
    );
    screen.store.tick(40 * 60_000);
    expect((await screen.lines())[0]).toMatch(/^\[--\] OAuth CONFIRMED ONE WAY, STALE {2}last seen 39 min ago/);
  });

  const open_ = open;
});

test("a window that is too small still shows both verdicts and the size it needs", async () => {
  const screen = open(52, 6);
  screen.tell(...both);
  const lines = await screen.lines();
  expect(lines[0]).toMatch(/^\[OK\] OAuth CONFIRMED/);
  expect(lines[1]).toMatch(/^\[!!\] BASIC FALLBACK/);
  expect(lines[2]).toContain("enlarge to 60x16 (now 52x6)");
});

describe("from a row to its reasons", () => {
  test("the ladder has three lifelines, a state for each step, and leads to the rows", async () => {
    const screen = open(120, 36);
    const steps = [
      { step: "probe", state: "ok", transactionId: "t1", note: "empty Bearer" },
      { step: "challenge", state: "ok", transactionId: "t1", note: "401 offering Bearer" },
      { step: "signing-key", state: "ok", transactionId: null, note: "signature verified" },
      { step: "token", state: "ok", transactionId: "t2", note: "token issued" },
      { step: "call", state: "ok", transactionId: "t2", note: "acting as a user" },
      { step: "answer", state: "failed", transactionId: "t2", note: "401 invalid_client" },
    ] as const;
    screen.tell(...both, {
      type: "analysis",
      analysis: analysis({ handshakes: [handshake({ steps }), fallback], findings: [finding] }),
    });
    screen.press("g", ":");
    screen.type("show ladder");
    screen.press("enter");
    const text = await screen.text();
    expect(text).toMatch(/Skype for .* ACS +mail\.contoso/);
    expect(text).toMatch(/│ probe +│ +│ +t1/);
    expect(text).toMatch(/├─+┼─+>│/);
    expect(text).toMatch(/│<─+ 401 offering Bearer ─+┤ +\[1 OK\] challenge {2}t1/);
    expect(text).toMatch(/\[2 OK\] signing key/);
    expect(text).toMatch(/├─+>│ token issued +│ +\[3 OK\] token/);
    expect(text).toMatch(/401 invalid_client ─+┤ +\[4 XX\] refused {2}t2/);
    screen.press("j", "enter");
    expect(await screen.text()).toMatch(/>. +t1 /);
  });

  test("the look-up of EWS stands first in the ladder, where it was seen", async () => {
    const screen = open(120, 36);
    const { steps } = handshake({});
    const found = { step: "discovery", state: "ok", transactionId: "t1", note: "200, an address" } as const;
    const analysed = analysis({ handshakes: [handshake({ steps: [found, ...steps] })] });
    screen.tell(...both, { type: "analysis", analysis: analysed });
    screen.press("g", ":");
    screen.type("show ladder");
    screen.press("enter");
    const text = await screen.text();
    expect(text).toMatch(/│ looks for EWS +│ +t1/);
    expect(text).toMatch(/│<─ 200, an address ─+┤ +\[0 OK\] EWS found {2}t1/);
  });

  test("ladder, table and summary have direction, route and token service", async () => {
    const screen = open(200, 50);
    const outbound = handshake({
      ...{ id: "h2", direction: "outbound", route: "graph", tokenService: "entra-v2", server: "graph.microsoft.com" },
      steps: [{ step: "call", state: "ok", transactionId: "t3", note: "" }],
    });
    const row = { handshakeId: "h2", direction: "outbound", route: "graph", tokenService: "entra-v2" } as const;
    screen.tell(
      { type: "hello", title: "x", mode: "demo" },
      { type: "rows", lost: 0, rows: [subject("t3", { ...row, host: "graph.microsoft.com", path: "/v1.0/me" })] },
      { type: "analysis", analysis: analysis({ handshakes: [confirmed, outbound] }) },
    );
    screen.press(":");
    screen.type("columns +route +service");
    screen.press("enter", "g");
    screen.tell({ type: "detail", id: "t3", transaction: safe(transaction({ target: "/EWS/Exchange.asmx" })) });
    const text = await screen.text();
    expect(text).toContain("Handshake outbound via Graph (Entra v2) h2");
    expect(text).toMatch(/token service Entra v2 +graph\.microsoft\.com/);
    expect(text).toContain("call via Graph");
    expect(text).toMatch(/calling graph\.microsoft\.com; outbound via Graph \(Entra v2\);/);
    expect(text).toMatch(/^>\* +t3 +\S+ out POST 200 Bearer +Graph +Entra v2 /m);
    expect(text).toContain("conversations 2 (1 in, 1 out)");
    expect(text).toContain("Direction: outbound, EWS");
    screen.press("+", "t");
    expect(screen.store.state().filter.text).toBe("route=graph");
  });

  test("a client that still has a token requests none", async () => {
    const screen = open(120, 36);
    screen.tell(...both);
    screen.press("g");
    expect(await screen.text()).toMatch(/\[3 --\] (?:cached token|token)/);
  });

  test("findings show what to do, and Enter selects the row", async () => {
    const screen = open(120, 36);
    screen.tell(...both);
    screen.press("g", "!");
    expect(await screen.text()).toMatch(
      /\[ALARM\] BASIC_FALLBACK {2}A service signed in with Basic\. +t2 ×2[\s\S]*Do: Change that password\./,
    );
    screen.press("enter");
    expect(await screen.text()).toMatch(/>! +t2 /);
  });

  test("the checklist does not call unseen broken", async () => {
    const screen = open(80, 24);
    screen.tell(...both, {
      type: "analysis",
      analysis: analysis({ checklist: [{ sign: "archived-messages", isSeen: false, evidence: [] }] }),
    });
    screen.press("8");
    expect(await screen.text()).toContain("[--] Archived messages are written to Purges: not seen in this capture");
  });

  test("a setup's steps are drawn with what each is at", async () => {
    const screen = open(80, 24);
    screen.tell(...both, {
      type: "setup",
      progress: {
        title: "provision apply",
        steps: [
          { id: "a", title: "Export the auth certificate", state: "done", note: "", seconds: 1.2 },
          { id: "b", title: "Upload it", state: "running", note: "waiting for \u001b[2Jthe directory", seconds: null },
          { id: "c", title: "New-PartnerApplication", state: "failed", note: "access denied", seconds: 3 },
          { id: "d", title: "Test-OAuthConnectivity", state: "waiting", note: "", seconds: null },
        ],
      },
    });
    screen.press("0");
    const text = await screen.text();
    expect(text).toContain("provision apply: 1 of 4 steps done, 1 FAILED");
    expect(text).toMatch(/\[OK\] {2}1\. Export the auth certificate +done 1s/);
    expect(text).toContain("waiting for \\x1b[2Jthe directory");
  });

  test("the stream shows the conversation of the row in its order", async () => {
    const screen = open(80, 24);
    screen.tell(...both, { type: "rows", lost: 0, rows: [subject("t3", { path: "/second" })] });
    screen.press("s");
    const text = await screen.text();
    expect(text.indexOf("> POST mail.contoso.example/EWS")).toBeLessThan(
      text.indexOf("> POST mail.contoso.example/second"),
    );
  });
});

test("what the panes show is the selected row's, also when a filter hid all rows in between", async () => {
  const screen = open(120, 36);
  screen.tell(...both);
  const tellDetail = (): void =>
    screen.tell({ type: "detail", id: "t2", transaction: safe({ ...transaction({}), id: "t2" }) });
  tellDetail();
  screen.press("/");
  screen.type("host=nowhere");
  expect(await screen.text()).toContain("No row fits the filter.");
  screen.press("escape");
  expect(await screen.text()).toContain("Reading ...");
  tellDetail();
  expect(await screen.text()).toMatch(/POST https:.* 200 /);
});

test("a pane requests its transaction once", async () => {
  const screen = open(80, 24);
  screen.tell(...both);
  screen.press("2", "4");
  expect(screen.sent.filter(({ type }) => type === "want-detail")).toEqual([{ type: "want-detail", id: "t2" }]);
  screen.tell({ type: "detail", id: "t2", transaction: null });
  expect(await screen.text()).toContain("no longer in memory");
});

test("rows that are shown again after a filter without matches are read again, not shown as missing", async () => {
  const screen = open(80, 24);
  screen.tell(...both);
  screen.press("/");
  screen.type("nothing-fits");
  await expect.poll(() => screen.store.state().job).toBeNull();
  expect(await screen.text()).toContain("No row fits the filter.");
  screen.press("escape");
  await expect.poll(() => screen.store.state().job).toBeNull();
  expect(await screen.text()).toContain("Reading ...");
});

test("header fields and bodies are looked for by the capturing process, with its progress", async () => {
  const screen = open(120, 36);
  screen.tell(...both);
  screen.press("/");
  screen.type("body~x");
  expect(screen.sent.at(-1)).toEqual({ type: "search", text: "body~x" });
  screen.tell({ type: "found", text: "body~x", ids: ["t1"], part: 0.4 });
  expect(await screen.text()).toContain("filtering 40 %");
  screen.tell({ type: "found", text: "body~x", ids: ["t2"], part: 1 });
  screen.press("enter");
  expect(await screen.text()).toContain("body matches /x/i · 2 of 2");
  screen.press("/", "ctrl-u", "enter");
  expect(screen.sent.at(-1)).toEqual({ type: "search", text: "" });
});

test("an invalid filter shows where, and the last valid result stays", async () => {
  const screen = open(100, 30);
  screen.tell(...both);
  screen.press("/");
  screen.type("auth=basic");
  await expect.poll(() => screen.store.state().job).toBeNull();
  screen.type(" & (");
  const text = await screen.text();
  expect(text).toContain("column 15: expected a field or a word");
  expect(text).toMatch(/>! +t2/);
  expect(text).not.toMatch(/^ +t1 /m);
});

describe("without colours and without Unicode", () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: SGR colours, foreground and background
  const colours = /\x1b\[(?:\d+;)*(?:3[0-9]|4[0-9]|9[0-7]|10[0-7])(?:;\d+)*m/;

  test("NO_COLOR: the same words, no colour, and the selection is still seen", async () => {
    const screen = open(120, 36, { isMono: true });
    screen.tell(...both);
    screen.press("T", "k");
    expect((await screen.lines())[1]).toMatch(/^\[!!\] BASIC FALLBACK/);
    expect(screen.written()).not.toMatch(colours);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: reverse
    expect(screen.written()).toMatch(/\x1b\[7m>. +t1/);
  });

  test("every theme is drawn", async () => {
    const screen = open(80, 24);
    screen.tell(...both);
    for (let theme = 0; theme < 5; theme += 1) {
      screen.press("T");
      expect((await screen.lines())[1]).toMatch(/^\[!!\] BASIC FALLBACK/);
    }
  });

  test("ASCII: nothing else is written, whatever the traffic holds", async () => {
    const screen = open(120, 36);
    screen.tell({ type: "hello", title: "x", mode: "demo", settings: { theme: "default", isAscii: true, keys: {} } });
    screen.tell(...both.slice(1), { type: "rows", lost: 0, rows: [subject("t3", { path: "/漢字/é/→" })] });
    const text = await screen.text();
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    expect(text).toContain("S>X");
    expect(text).toContain("/????/?/>");
  });
});

test("own keys take the place of the table's, in the hints as well", async () => {
  const screen = open(120, 36);
  const keys = { "next-finding": ["v"], quit: ["Q"] };
  screen.tell({ type: "hello", title: "x", mode: "demo", settings: { theme: "mono", isAscii: false, keys } });
  screen.tell(...both.slice(1));
  screen.press("g", "n");
  expect(await screen.text()).toMatch(/>. +t1 /);
  screen.press("v");
  expect(await screen.text()).toMatch(/>! +t2 /);
  expect((await screen.lines()).at(-2)).toMatch(/v finding.*Q quit/);
});

describe("hostile text", () => {
  const hostile = [
    "\u001b]0;owned\u0007",
    "\u001b]52;c;eA==\u0007",
    "\u001b]8;;http://evil.example\u0007x\u001b]8;;\u0007",
    "\u001b]2;unterminated",
    "\u001b]9;note\u0007\u001b]1337;File=:eA==\u0007",
    "\u009d0;owned\u009c",
    "BASIC\rOAuth CONFIRMED",
    "\b\b\b\u0000\u0007\u000e\t\u000b\u000c\u007f",
    "\u001b[8mhidden\u001b[2J\u001b[H\u001bc",
    "\u202egnp.exe\u2066",
    "\u200b\ufeff\u{e0041}",
    "漢字".repeat(200),
    `e${"\u0301".repeat(300)}`,
  ];

  test.each(hostile)("%j in every field moves and hides nothing", async (text) => {
    const screen = open(120, 36);
    const evil = subject(
      "t3",
      { method: text, host: text, path: text, auth: text, detail: text, client: text },
      { direction: text },
    );
    screen.tell(...both, { type: "rows", lost: 0, rows: [evil] }, { type: "notice", text });
    for (const tab of tabNames) {
      screen.press(":");
      screen.type(`show ${tab}`);
      screen.press("enter");
      screen.tell({
        type: "unmasked",
        id: "t3",
        transaction: {
          ...transaction({
            target: `/${text}`,
            headers: [["User-Agent", text]],
            body: text,
            status: 401,
            answerHeaders: [["x-ms-diagnostics", text]],
          }),
          id: "t3",
        },
      });
      const lines = await screen.lines();
      expect(lines[0]).toMatch(/^\[OK\] OAuth CONFIRMED/);
      expect(lines[1]).toMatch(/^\[!!\] BASIC FALLBACK/);
      expect(lines.filter((line) => line.startsWith(">"))).toHaveLength(1);
      expect(lines.at(-2)).toContain("q quit");
      expect(lines.at(-1)).toBe("");
    }
    expect(screen.titles).toEqual([]);
    expect(screen.commands).toEqual([]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what only the program itself may write
    expect(screen.written()).not.toMatch(/\x1b[\]P_^Xc]|[\x80-\x9f]|\x1b\[[23]J/);
  });

  test("every byte of the message can be seen in the raw pane, as text and as hex", async () => {
    const screen = open(200, 50);
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    screen.tell(...both, {
      type: "unmasked",
      id: "t2",
      transaction: { ...transaction({ body: bytes, headers: [["X", "\u001b[2J\u00ff"]] }), id: "t2" },
    });
    screen.press("6", "z");
    const text = await screen.text();
    for (let byte = 0; byte < 256; byte += 1) {
      const name = { 9: "\\t", 10: "\\n", 13: "\\r" }[byte] ?? `\\x${byte.toString(16).padStart(2, "0")}`;
      expect(text).toContain(byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : name);
    }
    expect(text).toContain("X: \\x1b[2J\\xff\\r\\n");
    screen.press("x");
    expect(await screen.text()).toMatch(/f0 f1 f2 f3|fc fd fe ff/);
  });
});

test.each([
  [60, 16],
  [80, 24],
  [100, 30],
  [120, 36],
])("the filter in use is seen at %i by %i, and nothing is called unseen that it hides", async (columns, rows) => {
  const screen = open(columns, rows);
  expect(await screen.text()).not.toContain("/status=418");
  screen.tell(...both);
  screen.press("/");
  screen.type("status=418");
  screen.press("enter");
  await expect.poll(() => screen.store.state().job).toBeNull();
  expect(await screen.text()).toContain("/status=418 ");
  screen.press("1");
  expect(await screen.text()).toContain("No row fits the filter.");
  screen.press("/", "ctrl-u", "enter");
  await expect.poll(() => screen.store.state().job).toBeNull();
  expect(await screen.text()).not.toContain("No row fits the filter.");
});

test("a long filter leaves room for the rest of its line", async () => {
  const screen = open(80, 24);
  screen.tell(...both);
  screen.press("/");
  screen.type(`host=mail | path=${"x".repeat(200)}`);
  screen.press("enter");
  await expect.poll(() => screen.store.state().job).toBeNull();
  const line = (await screen.lines())[2];
  expect(line).toMatch(/ 2 of 2 rows|2 rows/);
  expect(line).toMatch(/\/host=mail \| path=x+…/);
  expect(line).toContain("follow ON");
});

test.each([
  ["s", "[Stream]"],
  ["7", "[7 Findings]"],
  ["8", "[8 Checklist]"],
])("the tab in use is read whole where not all fit: %s", async (key, title) => {
  for (const columns of [60, 70, 80]) {
    const screen = open(columns, 24);
    screen.tell(...both);
    screen.press(key);
    expect(await screen.text()).toContain(title);
  }
});
