// Captured text in Markdown.
import { withoutMarkers } from "../../core/runner-commands.ts";

/** Text that forms no markup and no HTML (CommonMark §2.4). */
export function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").replace(/[\\`*_{}[\]<>|~#@!&]/g, "\\$&");
}

/** A code span; the text cannot end it. */
export function code(text: string): string {
  const shown = withoutMarkers(text.replace(/[^\x20-\x7e]/g, "?").replace(/[`|]/g, "'"));
  return shown === "" ? "" : `\`${shown}\``;
}
