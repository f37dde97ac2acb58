import type { View } from "../../app/live/view.ts";
import type { CaptureEvent } from "../../core/capture-event.ts";
import { safeJson } from "../../core/safe-json.ts";
import { analysisJson, handshakeJson } from "../../sinks/analysis-json.ts";

export interface JsonViewOptions {
  readonly version: string;
  /** Prints each event on a line before the final object; a replay prints only the object. */
  readonly isLive: boolean;
  /** Only the listeners, `written` events and the final object. */
  readonly isQuiet: boolean;
  readonly write: (text: string) => void;
  /** More members of the final object. */
  readonly extra?: () => object;
}

/** Machine output: only JSON on standard output, the analysis last. */
export function jsonView(options: JsonViewOptions): View {
  const line = (value: object): void => options.write(`${safeJson(value)}\n`);
  return {
    ready(listener) {
      line({
        event: "ready",
        listener: listener.kind,
        address: listener.address,
        port: listener.port,
        target: listener.target,
      });
    },
    notice(text) {
      if (options.isLive) line({ event: "notice", text });
    },
    change(event, change) {
      if (!options.isLive || options.isQuiet) return;
      const other = otherEvent(event);
      if (event.kind === "log-row") line({ event: "log-row", ...change.row, row: event.row });
      else if (other !== null) line(other);
      else if (change.row !== null) line({ event: "transaction", ...change.row });
      for (const handshake of change.handshakes) line({ event: "handshake", ...handshakeJson(handshake) });
      for (const finding of change.findings) line({ event: "finding", ...finding });
    },
    synced(synced) {
      line({ event: "written", ...synced });
    },
    end(analysis, sources) {
      line({ ...analysisJson(analysis, options.version, sources), ...options.extra?.() });
      return Promise.resolve();
    },
  };
}

function otherEvent(event: CaptureEvent): object | null {
  if (event.kind === "transaction") return null;
  if (event.kind === "signature") return { event: "signature", ...event.check };
  const { kind, ...rest } = event;
  return { event: kind, ...rest };
}
