// Progress as it happens: lines for people, or one JSON object a line.

import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import type { RunEvent } from "../../provisioning/engine/run.ts";
import { hideIn } from "../../provisioning/model/hide-secrets.ts";

/** Tells each event of a run. Every text passes `hide` first. */
export function progressTeller(
  options: { readonly json?: true | undefined; readonly quiet?: true | undefined },
  hide: (text: string) => string,
): (event: RunEvent) => void {
  if (options.json === true) return (event) => void process.stdout.write(`${safeJson(hideIn(event, hide))}\n`);
  if (options.quiet === true) return () => undefined;
  return (event) => {
    const line = lineOf(event);
    if (line !== null) process.stdout.write(`${safe(hide(line))}\n`);
  };
}

function lineOf(event: RunEvent): string | null {
  switch (event.event) {
    case "item-started":
      return `[${event.number}/${event.of}] ${event.title}`;
    case "item-done":
      return `      ${outcomeText[event.outcome]}${event.isConfirmed ? "" : ", but not shown yet"}${event.note === undefined ? "" : `. ${event.note}`}`;
    case "item-failed":
      return `      FAILED (${event.reason.code}): ${event.reason.message}`;
    case "keys-lost":
      return `      LOST KEYS on ${event.appId}: ${event.keyIds.join(", ")}`;
    case "keys-restored":
      return `put ${event.count} keys back on ${event.appId}`;
    case "undone":
      return `${event.outcome === "skipped" ? "skipped" : event.outcome}: ${event.title}${event.why === "" ? "" : ` (${event.why})`}`;
  }
}

const outcomeText = { made: "done", adopted: "was done; taken over", already: "was done already" } as const;
