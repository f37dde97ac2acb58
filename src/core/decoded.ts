/**
 * The result of a decoder. Hostile input is normal: a decoder returns a problem and never throws.
 * `offset` is the index in the input at which reading stopped (UTF-16 code units). The text of the problem never repeats the input.
 */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string; readonly offset: number };

export function decodedValue<T>(value: T): Decoded<T> {
  return { ok: true, value };
}

export function decodeProblem(problem: string, offset = 0): Decoded<never> {
  return { ok: false, problem, offset };
}
