// A row is sanitised before it is judged, so the sanitised row must give the verdict of the row as it was written: for every known shape
// of a row, in any order. The rows come from texts of logs by the published lists of columns.
import fc from "fast-check";
import { expect, test } from "vitest";
import { pseudonymsFromKey } from "../../src/app/pseudonyms.ts";
import type { CaptureEvent } from "../../src/core/capture-event.ts";
import type { LogRow } from "../../src/core/log-row.ts";
import type { Analysis } from "../../src/diagnosis/analysis.ts";
import { startAnalysis } from "../../src/diagnosis/analyze.ts";
import { sanitiseEvent } from "../../src/sanitising/sanitise.ts";
import { safeCopyOf } from "../../src/sanitising/search/safe-copy-event.ts";
import { ValueSearch } from "../../src/sanitising/search/value-search.ts";
import { readLog } from "../server-logs/read-log.ts";
import {
  agents,
  backEndRow,
  exchangeLog,
  httpErrRow,
  httpProxyRow,
  iisRow,
  outboundRow,
  proxyShapes,
  rareProxyShapes,
  w3cLog,
} from "../support/log-lines.ts";

const pseudonymise = pseudonymsFromKey(new Uint8Array(32).fill(7));
const otherKey = pseudonymsFromKey(new Uint8Array(32).fill(9));

const rowsOf = (text: string): readonly LogRow[] =>
  readLog(text).flatMap((reading) => (reading.kind === "row" ? [reading.row] : []));

const proxied = Object.values({ ...proxyShapes, ...rareProxyShapes }).flatMap((cells) =>
  [agents.teams, agents.freeBusy, agents.outlook, "MacOutlook/16.80", "Anna's program"].map((UserAgent) =>
    httpProxyRow({ ...cells, UserAgent }),
  ),
);
const shapes: readonly LogRow[] = [
  ...["15.00.1497.002", "15.01.2375.007", "15.02.1544.025"].flatMap((version) =>
    rowsOf(exchangeLog("http-proxy", proxied, { version })),
  ),
  ...rowsOf(exchangeLog("ews", [backEndRow(), backEndRow({ HttpStatus: "401" })])),
  ...rowsOf(exchangeLog("oauth-outbound", [outboundRow(), outboundRow({ "result-code": "fail" })])),
  ...rowsOf(w3cLog("iis", [iisRow()])),
  ...rowsOf(w3cLog("http-err", [httpErrRow()])),
];

function judged(rows: readonly LogRow[], change: (event: CaptureEvent) => CaptureEvent): Analysis {
  const analyzer = startAnalysis({});
  for (const row of rows) analyzer.accept(change({ kind: "log-row", row }));
  return analyzer.snapshot();
}

/** What a person is told, without the texts. */
const outline = ({ verdict, directions, handshakes, findings, counts }: Analysis): unknown => ({
  ...{ verdict, counts },
  directions: [directions.inbound, directions.outbound].map((one) => [one?.verdict, one?.routes, one?.evidence]),
  handshakes: handshakes.map(
    ({
      id,
      verdict: own,
      stage,
      basis,
      principal,
      actingAs,
      lanes,
      transactions,
      steps,
      loggedCalls,
      callerShownBy,
    }) => [
      ...[id, own, stage, basis, principal?.id, actingAs, lanes, transactions],
      ...[steps.map(({ step, state }) => [step, state]), loggedCalls, callerShownBy],
    ],
  ),
  findings: findings.map(({ code, severity, evidence, count }) => [code, severity, evidence, count]),
});

const sequences = fc.array(fc.nat(shapes.length - 1), { minLength: 1, maxLength: 8 }).map((places) =>
  places.flatMap((place, index) => {
    const row = shapes[place];
    return row === undefined ? [] : [{ ...row, id: `l${index + 1}`, endedAt: row.endedAt + index * 1000 }];
  }),
);

test("there are shapes that confirm, refuse, fall back and prove nothing", () => {
  const verdicts = new Set(shapes.map((row) => judged([row], (event) => event).verdict));
  for (const verdict of ["oauth-confirmed", "oauth-rejected", "basic-fallback", "none"])
    expect([...verdicts]).toContain(verdict);
});

test("sanitised rows give the verdict, the handshakes and the findings of the rows as written", () => {
  fc.assert(
    fc.property(sequences, (rows) => {
      const raw = outline(judged(rows, (event) => event));
      expect(outline(judged(rows, (event) => sanitiseEvent(event, pseudonymise)))).toEqual(raw);
      const twice = (event: CaptureEvent): CaptureEvent => sanitiseEvent(sanitiseEvent(event, pseudonymise), otherKey);
      expect(outline(judged(rows, twice))).toEqual(raw);
    }),
    { numRuns: 300 },
  );
});

test("rows of a safe copy are judged like the rows of the log", () => {
  const rules = { pseudonymise, known: new ValueSearch([]), hidesDomains: true };
  fc.assert(
    fc.property(sequences, (rows) => {
      expect(outline(judged(rows, (event) => safeCopyOf(event, rules)))).toEqual(
        outline(judged(rows, (event) => event)),
      );
    }),
    { numRuns: 200 },
  );
});
