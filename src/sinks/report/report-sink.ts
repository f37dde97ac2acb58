import { writeFileSync } from "node:fs";
import type { CaptureSink } from "../capture-sink.ts";
import type { ReportContent, ReportOptions } from "./html-report.ts";
import { FactCollector } from "./report-facts.ts";

/** A report is written when the capture has gone by. */
export function openReportSink(
  path: string,
  render: (content: ReportContent, options: ReportOptions) => string,
  options: ReportOptions,
): CaptureSink {
  const collector = new FactCollector();
  return {
    write: (event) => collector.add(event),
    drain: () => Promise.resolve(),
    close(analysis, sources) {
      const page = render({ analysis, facts: collector.facts(), sources }, options);
      writeFileSync(path, page, { mode: 0o600, flag: "wx" });
      return Promise.resolve();
    },
  };
}
