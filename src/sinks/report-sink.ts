import { writeFileSync } from "node:fs";
import type { Analysis } from "../diagnosis/analysis.ts";
import type { CaptureSink } from "./capture-sink.ts";
import type { ReportOptions } from "./html-report.ts";
import { FactCollector, type ReportFacts } from "./report-facts.ts";

/** A report is written when the capture has gone by. */
export function openReportSink(
  path: string,
  render: (analysis: Analysis, facts: ReportFacts, options: ReportOptions) => string,
  options: ReportOptions,
): CaptureSink {
  const collector = new FactCollector();
  return {
    write: (event) => collector.add(event),
    drain: () => Promise.resolve(),
    close(analysis) {
      writeFileSync(path, render(analysis, collector.facts(), options), { mode: 0o600, flag: "wx" });
      return Promise.resolve();
    },
  };
}
