// The order of the files of one log by their names: `HttpProxy_2026113008-2.LOG`, `u_ex26113008.log`, `httperr12.log`. A name
// orders files and skips old ones; which log a file is, its content decides.

export interface LogName {
  /** The name without date and number, in lower case: files of one series follow each other. */
  readonly series: string;
  /** Begin of the hour or day in the name, epoch milliseconds; null without one. */
  readonly startsAt: number | null;
  /** End of that hour or day; null without one. */
  readonly endsAt: number | null;
  /** The number after the date, 0 without one. */
  readonly instance: number;
}

const hourMs = 3_600_000;
/** Year of four digits or two, month, day, perhaps the hour; perhaps a number. */
const dated = /^(.*?)((?:20)?\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])?(?:-(\d{1,6}))?(\D.*)?$/;
const numbered = /^(.*?)(\d{1,9})(\D*)$/;

/** Reads the name of a log file. */
export function readLogName(name: string): LogName {
  const [, prefix = "", year = "", month, day, hour, instance, rest = ""] = dated.exec(name) ?? [];
  if (month !== undefined) {
    const startsAt = Date.UTC(2000 + (Number(year) % 100), Number(month) - 1, Number(day), Number(hour ?? 0));
    return {
      series: `${prefix}*${rest}`.toLowerCase(),
      startsAt,
      endsAt: startsAt + (hour === undefined ? 24 * hourMs : hourMs),
      instance: Number(instance ?? 0),
    };
  }
  const [, before = name, number, after = ""] = numbered.exec(name) ?? [];
  return { series: `${before}*${after}`.toLowerCase(), startsAt: null, endsAt: null, instance: Number(number ?? 0) };
}

/** Order of files of one series: by time, then by number. Files without a time come last. */
export function compareLogNames(one: LogName, other: LogName): number {
  const byTime = (one.startsAt ?? Number.MAX_SAFE_INTEGER) - (other.startsAt ?? Number.MAX_SAFE_INTEGER);
  return byTime === 0 ? one.instance - other.instance : byTime;
}
