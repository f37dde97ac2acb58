const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
// RFC 9110 §5.6.7: the preferred form and the two obsolete ones that a recipient must read.
const imfFixdate = /^[a-z]{3}, ([0-9]{2}) ([a-z]{3}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT$/i;
const rfc850 = /^[a-z]{6,9}, ([0-9]{2})-([a-z]{3})-([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT$/i;
const asctime = /^[a-z]{3} ([a-z]{3}) ([ 0-9][0-9]) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([0-9]{4})$/i;

/** Epoch milliseconds of a `Date` field, or null. Two-digit years are 1970 to 2069, without a clock. */
export function parseHttpDate(value: string): number | null {
  const text = value.trim();
  const modern = imfFixdate.exec(text);
  if (modern !== null) return epochMs(modern[3], modern[2], modern[1], modern.slice(4));
  const old = rfc850.exec(text);
  if (old !== null) return epochMs(fullYear(old[3]), old[2], old[1], old.slice(4));
  const c = asctime.exec(text);
  return c === null ? null : epochMs(c[6], c[1], c[2], c.slice(3, 6));
}

function fullYear(twoDigits = ""): string {
  return `${Number(twoDigits) >= 70 ? "19" : "20"}${twoDigits}`;
}

function epochMs(year = "", month = "", day = "", time: readonly string[] = []): number | null {
  const monthIndex = months.indexOf(month.toLowerCase());
  const [hour = 0, minute = 0, second = 0] = time.map(Number);
  const ms = Date.UTC(Number(year), monthIndex, Number(day), hour, minute, Math.min(second, 59));
  const isReal = monthIndex !== -1 && hour < 24 && minute < 60 && second <= 60;
  // Date.UTC moves a day that the month does not have into the next month.
  return isReal && new Date(ms).getUTCDate() === Number(day) ? ms : null;
}
