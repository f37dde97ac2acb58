/**
 * The same text with characters of its own. A part of a longer text is kept by V8 as a view of the whole: an id that is
 * remembered would keep the message it was read from.
 */
export function ownText(text: string): string {
  // Joining makes a new text; what is cut from that is a view of it alone.
  return text.length === 0 ? text : ` ${text}`.slice(1);
}
