import { describe, expect, test } from "vitest";
import { pseudonymsFromKey } from "../../../src/app/pseudonyms.ts";
import { sanitiseEvent } from "../../../src/sanitising/sanitise.ts";
import { htmlReport, type ReportContent } from "../../../src/sinks/report/html-report.ts";
import { html } from "../../../src/sinks/report/html-text.ts";
import { markdownReport } from "../../../src/sinks/report/markdown-report.ts";
import { FactCollector } from "../../../src/sinks/report/report-facts.ts";
import { outerToken } from "../../diagnosis/story.ts";
import { transaction } from "../../sanitising/transaction-maker.ts";
import { analysis, handshake } from "../../tui/row-maker.ts";

const evil = `<script>alert(1)</script>" onload="x" '\`&<img src=http://evil.example/>\u202e\u0007`;
const options = { title: evil, version: "1.2.3", madeAt: Date.UTC(2026, 0, 15) };

function facts(host: string): ReturnType<FactCollector["facts"]> {
  const collector = new FactCollector();
  const headers: [string, string][] = [["Authorization", `Bearer ${outerToken({ claims: { iss: evil } })}`]];
  const event = { kind: "transaction", transaction: transaction({ host, target: `/${evil}`, headers }) } as const;
  collector.add(sanitiseEvent(event, pseudonymsFromKey(new Uint8Array(4))));
  return collector.facts();
}

const hostile = analysis({
  verdict: "basic-fallback",
  handshakes: [handshake({ server: evil, realm: evil, client: evil, principal: { id: evil, name: evil } })],
  findings: [{ code: "BASIC_FALLBACK", severity: "alarm", message: evil, remedy: evil, evidence: [evil], count: 3 }],
  checklist: [{ sign: "archived-messages", isSeen: true, evidence: [evil] }],
});

const content = (host: string): ReportContent => ({
  analysis: hostile,
  facts: facts(host),
  sources: [{ path: evil, format: "har", transactions: 1, truncated: true, problems: [evil] }],
});

describe("HTML", () => {
  const page = htmlReport(content(evil), options);

  test("captured text forms no markup anywhere", () => {
    expect(page).not.toMatch(/<script|<img|\son[a-z]+="/i);
    expect(page).toContain("&#60;script&#62;");
    for (const hidden of ["\u202e", "\u0007"]) expect(page).not.toContain(hidden);
  });

  test("it loads nothing: no script, no address, and a policy that forbids both", () => {
    expect(page).not.toMatch(/<(?:script|link|iframe|object|embed|form)|\ssrc="|url\(|@import/i);
    expect(page).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`,
    );
  });

  test("the verdict, the remedy and the ladder are there in words", () => {
    expect(page).toContain("Basic fallback");
    expect(page).toContain("A service sent a user name and password");
    expect(page).toContain("<h4>What to do</h4>");
    expect(page).toMatch(/<svg class="ladder" role="img"[^>]* aria-labelledby="l0-t l0-d"><title id="l0-t">Ladder/);
    expect(page).toContain("The caller asks for a token: not seen");
    expect(page).toMatch(/<li class="failed">The server answers: FAILED: 401, t2\.<\/li>/);
  });

  test("a token's validity is worded and drawn, and its claims are a tree", () => {
    expect(page).toMatch(/aria-label="(?:valid at the request|expired|not valid yet)/);
    expect(page).toMatch(/<strong>token<\/strong>.*<strong>actor token inside<\/strong>/s);
    expect(page).toContain("Skype for Business Online</span>");
  });

  test("evidence links to its row, and ids never become markup", () => {
    expect(page).toMatch(/<tr id="r0"/);
    expect(page).not.toContain('href="#&');
  });
});

test("the template escapes every value that is not markup", () => {
  expect(html`<p title="${'"<&'}">${[html`<b>${"<"}</b>`]}${1}</p>`.markup).toBe(
    '<p title="&#34;&#60;&#38;"><b>&#60;</b>1</p>',
  );
});

test("Markdown: captured text forms neither HTML nor markup", () => {
  const text = markdownReport(content("mail.contoso.example"), options);
  // A code span holds text unchanged.
  expect(text.replaceAll("\\`", "").replace(/`[^`]*`/g, "")).not.toMatch(/(?<!\\)</);
  expect(text).toContain("**Verdict: basic-fallback** (Basic fallback).");
  expect(text).toContain("- [x] Archived messages");
  expect(text.split("\n").filter((line) => line.startsWith("| basic") || line.startsWith("| oauth"))).toHaveLength(1);
});
