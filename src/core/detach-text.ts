/**
 * A copy of the text with its own characters. V8 holds a part of a longer text as a view of the whole, so a stored id would keep
 * the message it was read from in memory.
 */
export function detachText(text: string): string {
  // Concatenation makes a new text, and a slice of it is a view of that one.
  return text.length === 0 ? text : ` ${text}`.slice(1);
}
