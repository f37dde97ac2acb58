/**
 * A decoder's answer. Hostile input is normal: a decoder returns a problem, it never throws.
 * `offset` is the index in the input where reading stopped (UTF-16 code units). The problem's text never repeats the input.
 */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string; readonly offset: number };

export function decoded<T>(value: T): Decoded<T> {
  return { ok: true, value };
}

export function notDecoded(problem: string, offset = 0): Decoded<never> {
  return { ok: false, problem, offset };
}
