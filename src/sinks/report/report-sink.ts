import { closeSync, openSync, writeFileSync } from "node:fs";
import type { CaptureSink } from "../formats/capture-sink.ts";
import type { ReportContent, ReportOptions } from "./html-report.ts";
import { FactCollector } from "./report-facts.ts";

/** Writes a report at the end of a capture, mode 0600. */
export function openReportSink(
  path: string,
  render: (content: ReportContent, options: ReportOptions) => string,
  options: ReportOptions,
): CaptureSink {
  const descriptor = openSync(path, "wx", 0o600);
  const collector = new FactCollector();
  return {
    write: (event) => collector.add(event),
    drain: () => Promise.resolve(),
    close(analysis, sources) {
      writeFileSync(descriptor, render({ analysis, facts: collector.facts(), sources }, options));
      closeSync(descriptor);
      return Promise.resolve();
    },
  };
}
