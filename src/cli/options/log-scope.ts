// --since, --until and --server of `replay`: which rows of the logs are judged.
import type { CaptureGroup } from "../../app/reading/capture-group.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { LogScope } from "../../sources/logs/log-file.ts";
import type { ReplayOptions } from "./replay-options.ts";

type ScopeOptions = Pick<ReplayOptions, "since" | "until" | "server">;

/** The scope; null when no option is given. `now`: epoch milliseconds, to which `2h` refers. Throws ToolError `usage`. */
export function readLogScope({ since, until, server }: ScopeOptions, now: number): LogScope | null {
  if (since === undefined && until === undefined && server === undefined) return null;
  const scope = {
    since: since === undefined ? null : parseMoment(since, "--since", now),
    until: until === undefined ? null : parseMoment(until, "--until", now),
    server: server?.trim() ?? null,
  };
  if (scope.since !== null && scope.until !== null && scope.since > scope.until)
    throw new ToolError("usage", "--since is later than --until.", { hint: "Swap the two times." });
  if (scope.server !== null && !/^[\w.-]{1,253}$/.test(scope.server))
    throw new ToolError("usage", "--server needs the name of a server.", { hint: "For example --server EX01." });
  return scope;
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time before now (`90s`, `30m`, `2h`, `3d`) or a moment in UTC, as epoch milliseconds. Throws ToolError `usage`. */
export function parseMoment(text: string, option: string, now: number): number {
  const [, count, unit = ""] = /^(\d{1,6})([smhd])$/i.exec(text.trim()) ?? [];
  const length = units[unit.toLowerCase()];
  if (count !== undefined && length !== undefined) return now - Number(count) * length;
  const [, day, time = "00:00", zone = "Z"] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?))?(Z|[+-]\d\d:\d\d)?$/i.exec(text.trim()) ?? [];
  const at = Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  // Date.parse takes 30 February for 1 or 2 March.
  const isCalendarDay =
    day !== undefined && !Number.isNaN(at) && new Date(`${day}T00:00Z`).toISOString().startsWith(day);
  if (isCalendarDay) return at;
  throw new ToolError("usage", `${option} ${JSON.stringify(text)} is not a time.`, {
    hint: `Write ${option} 2h (before now), or ${option} 2026-11-30T08:00Z in UTC, as the logs are.`,
  });
}

/** Refuses the options where they would have no effect. Throws ToolError `usage`. */
export function refuseUnusedScope(groups: readonly CaptureGroup[], { since, until, server }: ScopeOptions): void {
  const given =
    since !== undefined ? "--since" : until !== undefined ? "--until" : server !== undefined ? "--server" : "";
  if (given === "" || groups.some(({ logs }) => logs !== undefined)) return;
  throw new ToolError("usage", `${given} chooses rows of logs, and no log is given.`, {
    hint: `Leave ${given} out, or add the folder of the logs.`,
  });
}
