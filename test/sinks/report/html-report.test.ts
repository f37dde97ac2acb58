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

describe("directions", () => {
  const outbound = handshake({
    ...{ id: "h2", direction: "outbound", route: "graph", tokenService: "entra-v2", server: "graph.microsoft.com" },
    steps: [{ step: "answer", state: "ok", transactionId: "t5", note: "200" }],
  });
  const confirmed = handshake({ steps: [{ step: "answer", state: "ok", transactionId: "t2", note: "200" }] });
  const report = (parts: Parameters<typeof analysis>[0]): { html: string; markdown: string } => {
    const made = { analysis: analysis(parts), facts: facts("mail.contoso.example"), sources: [] };
    return { html: htmlReport(made, options).replace(/\s+/g, " "), markdown: markdownReport(made, options) };
  };

  test("each has its verdict, route, token service, servers and evidence", () => {
    const { html: page, markdown } = report({ handshakes: [confirmed, outbound] });
    expect(page).toMatch(
      /<strong>inbound \(to Exchange Server\)<\/strong>: <span class="pill good">OK OAuth confirmed<\/span> via EWS \(ACS\) at mail\.contoso\.example/,
    );
    expect(page).toMatch(
      /<strong>outbound \(from Exchange Server\)<\/strong>: .* via Graph \(Entra v2\) at graph\.microsoft\.com/,
    );
    expect(page).toMatch(
      /<dt>Direction<\/dt><dd>outbound[^<]*<\/dd>.*<dt>Route<\/dt><dd>Graph<\/dd>.*<dt>Token service<\/dt><dd>Entra v2<\/dd>/,
    );
    expect(page).toContain("Token service: Entra v2</text>");
    expect(markdown).toContain(
      "| inbound (to Exchange Server) | oauth-confirmed | EWS | ACS | `mail.contoso.example` | `t2` |",
    );
    expect(markdown).toContain(
      "| outbound (from Exchange Server) | oauth-confirmed | Graph | Entra v2 | `graph.microsoft.com` | `t5` |",
    );
    expect(markdown).toContain("| oauth-confirmed | accepted | unseen | outbound | Graph | Entra v2 |");
    expect(`${page}${markdown}`).not.toMatch(/one way|not seen in this capture<\/li>/);
  });

  test("the one that was not seen is named, in the headline too", () => {
    const { html: page, markdown } = report({ handshakes: [confirmed] });
    expect(page).toContain("OAuth confirmed, one way</h1>");
    expect(page).toContain("The outbound direction was not seen.");
    expect(page).toMatch(/outbound \(from Exchange Server\)<\/strong>: not seen in this capture/);
    expect(markdown).toMatch(/OAuth confirmed, one way.*The outbound direction was not seen\./);
    expect(markdown).toContain("| outbound (from Exchange Server) | not seen in this capture | | | | |");
  });

  test("a refusal names its direction", () => {
    const refused = { ...outbound, verdict: "oauth-rejected" } as const;
    const { html: page, markdown } = report({ verdict: "oauth-rejected", handshakes: [confirmed, refused] });
    expect(page).toContain("OAuth refused, outbound</h1>");
    expect(markdown).toContain("OAuth refused, outbound");
  });

  test("several captures have a column for each", () => {
    const captures = [confirmed, outbound].map((one, at) => ({
      ...analysis({ handshakes: [one] }),
      path: `${at}.har`,
    }));
    const { html: page, markdown } = report({ handshakes: [confirmed, outbound], captures });
    expect(page).toContain("<td>oauth-confirmed via EWS (ACS)</td><td>not seen</td>");
    expect(markdown).toContain("| `1.har` | not seen | oauth-confirmed via Graph (Entra v2) |");
  });

  test("each row of the timeline has its interface and the issuer of its token", () => {
    const collector = new FactCollector();
    const add = (target: string, headers: [string, string][], host = "mail.contoso.example"): void => {
      const event = { kind: "transaction", transaction: transaction({ host, target, headers }) } as const;
      collector.add(sanitiseEvent(event, pseudonymsFromKey(new Uint8Array(4))));
    };
    add("/EWS/Exchange.asmx", [["Authorization", `Bearer ${outerToken()}`]]);
    add("/autodiscover/autodiscover.json", []);
    add("/tokens/OAuth/2", [], "accounts.accesscontrol.windows.net");
    add("/owa/", []);
    expect(collector.facts().rows.map(({ way }) => way)).toEqual(["EWS (ACS)", "Autodiscover", "token service", ""]);
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
