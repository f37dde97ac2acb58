// The answers of readiness in the reports: shown where a question is answered, left out where none is, never markup.
import { expect, test } from "vitest";
import type { Analysis } from "../../../src/diagnosis/analysis.ts";
import { htmlReport } from "../../../src/sinks/report/html-report.ts";
import { markdownReport } from "../../../src/sinks/report/markdown-report.ts";
import { FactCollector } from "../../../src/sinks/report/report-facts.ts";
import {
  dedicated,
  ewsCall,
  gateOff,
  graphCall,
  noOptions,
  seenIn,
  sharedCall,
} from "../../diagnosis/readiness/cloud-story.ts";

const options = {
  title: "case",
  version: "1.2.3",
  madeAt: Date.UTC(2026, 10, 30),
  known: { ...noOptions, hybridApp: dedicated },
};

function reportsOf(analysis: Analysis): { readonly page: string; readonly text: string } {
  const content = { analysis, facts: new FactCollector().facts(), sources: [] };
  return { page: htmlReport(content, options), text: markdownReport(content, options) };
}

test("the answers stand after the verdict and before the findings, each state in words", () => {
  const { page, text } = reportsOf(seenIn([ewsCall(gateOff), graphCall()]));
  expect(page.indexOf('<h2 id="readiness">')).toBeGreaterThan(page.indexOf("</header>"));
  expect(page.indexOf('<h2 id="readiness">')).toBeLessThan(page.indexOf('<h2 id="findings">'));
  expect(page).toContain('<a href="#readiness">');
  expect(page).toContain('<span class="pill bad">XX problem</span> Q4 Does the EWS gate');
  expect(page).toContain(`it calls as your dedicated hybrid application ${dedicated}.`);
  expect(page).toMatch(/<h3>Not seen here<\/h3>\s*<ul class="told"><li><strong>Q5<\/strong>/);
  expect(text).toContain("- **Q4 problem**: Does the EWS gate of Exchange Online let it in, and until when? No: ");
  expect(text).toContain("- **Q5 not seen here**: ");
  expect(text.indexOf("ten questions")).toBeLessThan(text.indexOf("## Handshakes"));
});

test("several servers and callers are listed", () => {
  const { page, text } = reportsOf(seenIn([ewsCall(), { ...sharedCall(), client: "192.0.2.99:1" }]));
  expect(page).toMatch(
    /<li><span class="pill bad">XX problem<\/span> <strong>192\.0\.2\.99<\/strong>: as the shared service principal/,
  );
  expect(text).toMatch(/^ {2}- problem: 192\.0\.2\.99: as the shared service principal/m);
});

test("without an answered question, or without the evidence, the section is left out", () => {
  const page = seenIn([{ host: "www.contoso.com", method: "GET", path: "/", agent: "curl/8" }]);
  const { readiness, ...plain } = seenIn([ewsCall()]);
  expect(readiness).toBeDefined();
  for (const one of [page, plain]) {
    const reports = reportsOf(one);
    expect(reports.page).not.toContain('id="readiness"');
    expect(reports.text).not.toContain("ten questions");
  }
});

test("captured text in an answer forms no markup", () => {
  const evil = "<script>alert(1)</script>|`*";
  const { page, text } = reportsOf(seenIn([{ ...sharedCall(), client: evil }]));
  expect(page).not.toContain("<script>");
  expect(page).toContain("&#60;script&#62;");
  expect(text).toContain("\\<script\\>");
});
