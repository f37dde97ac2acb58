// Rows of logs in the reports: marked, counted, with file and line, and harmless whatever they hold.
import { expect, test } from "vitest";
import { pseudonymsFromKey } from "../../../src/app/pseudonyms.ts";
import type { LogRow } from "../../../src/core/log-row.ts";
import { sanitiseEvent } from "../../../src/sanitising/sanitise.ts";
import { htmlReport } from "../../../src/sinks/report/html-report.ts";
import { markdownReport } from "../../../src/sinks/report/markdown-report.ts";
import { FactCollector } from "../../../src/sinks/report/report-facts.ts";
import { logRow } from "../../sanitising/log-row-maker.ts";
import { transaction } from "../../sanitising/transaction-maker.ts";
import { analysis, handshake } from "../../tui/row-maker.ts";

const pseudonymise = pseudonymsFromKey(new Uint8Array(4));
const options = { title: "logs", version: "1", madeAt: Date.UTC(2026, 10, 30) };

function reports(rows: readonly Partial<LogRow>[], counts: object = {}): readonly [html: string, markdown: string] {
  const collector = new FactCollector();
  for (const parts of rows) collector.add(sanitiseEvent({ kind: "log-row", row: logRow(parts) }, pseudonymise));
  collector.add(
    sanitiseEvent({ kind: "transaction", transaction: transaction({ host: "mail.contoso.com" }) }, pseudonymise),
  );
  const one = analysis({ handshakes: [handshake({ basis: "log" })] });
  const content = {
    analysis: {
      ...one,
      counts: { ...one.counts, transactions: 1, logRows: rows.length, logRowsDropped: 12, ...counts },
    },
    facts: collector.facts(),
    sources: [],
  };
  return [htmlReport(content, options), markdownReport(content, options)];
}

test("rows are listed with log, file and line, beside the requests", () => {
  const [html, markdown] = reports([{}, { id: "l2", status: 401, signIn: "bearer-unauthenticated", line: 8 }]);
  expect(html).toContain("1 requests and 2 rows of logs, marked log");
  expect(html).toMatch(/<th scope="row">l1 <span class="soft">log<\/span><\/th>/);
  expect(html).toContain("HttpProxy/Ews/HttpProxy_2026113008-1.LOG:8");
  expect(markdown).toMatch(
    /^\| `l2` \|.*\| 401 \| bearer, not signed in \| `HttpProxy\/Ews\/HttpProxy_2026113008-1\.LOG:8` \|$/m,
  );
});

test("the first sentence names the log, and both kinds of rows are counted", () => {
  const [html, markdown] = reports([{}]);
  expect(html).toMatch(/<p class="meaning">By the server&#39;s log: /);
  expect(html).toMatch(/<strong>12<\/strong> other rows, not judged/);
  expect(markdown).toMatch(/\*\*Verdict: [a-z-]+\*\* \(.*by the server's log.*\)\. By the server's log: /);
  expect(markdown).toContain("1 rows of logs (12 other rows not judged)");
});

test("a hostile row forms no markup", () => {
  const evil = `<script>alert(1)</script>" onload="x" \`|[a](http://evil.example)=cmd`;
  const texts = [{ path: `/${evil}` }, { userAgent: evil }, { host: evil }, { operation: evil }, { file: evil }];
  for (const [html] of texts.map((parts) => reports([parts]))) expect(html).not.toMatch(/<script|\sonload="/i);
  for (const [, markdown] of texts.map((parts) => reports([parts]))) expect(markdown).not.toMatch(/<script|\]\(http/i);
});

test("without rows of logs a report does not speak of them", () => {
  const [html, markdown] = reports([], { logRows: 0, logRowsDropped: 0 });
  expect(html).not.toMatch(/rows of logs|not judged/);
  expect(markdown).not.toMatch(/rows of logs|not judged/);
});
