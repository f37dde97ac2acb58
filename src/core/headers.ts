/** Header fields as captured: order, repeats and letter case are kept. */
export type Header = readonly [name: string, value: string];
export type Headers = readonly Header[];

/** Every value of a field, in order; the name in any letter case. */
export function headerValues(headers: Headers, name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([candidate]) => candidate.toLowerCase() === wanted).map(([, value]) => value);
}

/** The first value of a field, or undefined; use `headerValues` where repeats matter (`WWW-Authenticate`). */
export function firstHeader(headers: Headers, name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const [candidate, value] of headers)
    if (candidate.length === wanted.length && candidate.toLowerCase() === wanted) return value;
  return undefined;
}
