/**
 * Bytes of a body on the wire. `stated` is the size as the capture has it (null where it has none or a negative one), `length` that
 * of the body that it holds, `isBodiless` that such a message has no body. Null when the size is not known.
 */
export function bodySize(stated: number | null, length: number, isBodiless: boolean): number | null {
  // A sanitised body may be longer than it was on the wire; some exporters write 0 beside a text.
  if (length > 0) return stated || length;
  return stated ?? (isBodiless ? 0 : null);
}

/** Requests with these methods have no content (RFC 9110 §9.3.1, 9.3.2, 9.3.6, 9.3.7). */
export function isBodilessMethod(method: string): boolean {
  return /^(?:GET|HEAD|CONNECT|OPTIONS)$/i.test(method);
}

/** Answers with these statuses have no content (RFC 9110 §15.2, 15.3.5, 15.4.5). */
export function isBodilessStatus(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}
