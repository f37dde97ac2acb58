import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { sanitiseEvent } from "../../src/sanitising/sanitise.ts";
import { htmlReport } from "../../src/sinks/html-report.ts";
import { html } from "../../src/sinks/html-text.ts";
import { markdownReport } from "../../src/sinks/markdown-report.ts";
import { pseudonymsOf } from "../../src/sinks/pseudonyms.ts";
import { FactCollector } from "../../src/sinks/report-facts.ts";
import { outerToken } from "../diagnosis/story.ts";
import { transaction } from "../sanitising/transaction-maker.ts";
import { analysis, handshake } from "../tui/row-maker.ts";

const evil = `<script>alert(1)</script>" onload="x" '\`&<img src=http://evil.example/>\u202e\u0007`;
const options = { title: evil, version: "1.2.3", madeAt: Date.UTC(2026, 0, 15) };

function facts(host: string): ReturnType<FactCollector["facts"]> {
  const collector = new FactCollector();
  const headers: [string, string][] = [["Authorization", `Bearer ${outerToken({ claims: { iss: evil } })}`]];
  const event = { kind: "transaction", transaction: transaction({ host, target: `/${evil}`, headers }) } as const;
  collector.add(sanitiseEvent(event, pseudonymsOf(new Uint8Array(4))));
  return collector.facts();
}

const hostile = analysis({
  verdict: "basic-fallback",
  handshakes: [handshake({ server: evil, realm: evil, client: evil, principal: { id: evil, name: evil } })],
  findings: [{ code: "BASIC_FALLBACK", severity: "alarm", message: evil, remedy: evil, evidence: [evil], count: 3 }],
  checklist: [{ sign: "archived-messages", isSeen: true, evidence: [evil] }],
});

describe("HTML", () => {
  const page = htmlReport(hostile, facts(evil), options);

  test("captured text forms no markup anywhere", () => {
    expect(page).not.toMatch(/<script|<img|\son[a-z]+="/i);
    expect(page).toContain("&#60;script&#62;");
    for (const hidden of ["\u202e", "\u0007"]) expect(page).not.toContain(hidden);
  });

  test("it loads nothing: no script, no address, and a policy that forbids both", () => {
    expect(page).not.toMatch(/<(?:script|link|iframe|object|embed|form)|\ssrc="|url\(|@import/i);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  test("the verdict, the remedy and the ladder are there in words", () => {
    expect(page).toContain("[!!]");
    expect(page).toContain("Basic fallback: a service sent a user name and password");
    expect(page).toContain("What to do:");
    expect(page).toMatch(/<svg class="ladder" role="img"[^>]* aria-label="Ladder of handshake h1">/);
    expect(page).toContain("token: not seen in this capture");
  });

  test("a token's life is said and drawn", () => {
    expect(page).toMatch(/aria-label="(?:valid|expired|not valid yet) at the request"/);
  });
});

test("the template escapes all that is not markup itself", () => {
  expect(html`<p title="${'"<&'}">${[html`<b>${"<"}</b>`]}${1}</p>`.markup).toBe(
    '<p title="&#34;&#60;&#38;"><b>&#60;</b>1</p>',
  );
});

test("Markdown: captured text forms neither HTML nor markup", () => {
  const text = markdownReport(hostile, facts("mail.contoso.example"), options);
  // A code span holds text as it is.
  expect(text.replaceAll("\\`", "").replace(/`[^`]*`/g, "")).not.toMatch(/(?<!\\)</);
  expect(text).toContain("**Verdict: basic-fallback**");
  expect(text).toContain("- [x] archived-messages");
  expect(text.split("\n").filter((line) => line.startsWith("| basic") || line.startsWith("| oauth"))).toHaveLength(1);
});

const browser = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"]).status === 0,
);

test.skipIf(browser === undefined)("a browser draws it, in one file, and runs nothing of it", () => {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-page-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "report.html");
  writeFileSync(file, htmlReport(hostile, facts("mail.contoso.example"), options));
  const picture = join(folder, "report.png");
  const common = [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
    ...["--disable-background-networking", "--disable-component-update", `--user-data-dir=${join(folder, "profile")}`],
  ];
  execFileSync(browser ?? "", [...common, "--window-size=1000,1400", `--screenshot=${picture}`, `file://${file}`], {
    stdio: "ignore",
  });
  expect(statSync(picture).size).toBeGreaterThan(20_000);
  const dom = execFileSync(browser ?? "", [...common, "--dump-dom", `file://${file}`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  expect(dom).not.toMatch(/<script|<img/i);
  expect(dom).toContain('<svg class="ladder"');
});
