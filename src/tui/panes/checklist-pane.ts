import type { Analysis, ChecklistItem } from "../../diagnosis/analysis.ts";
import { plainLine, type ScreenLine } from "../screen-line.ts";

const signs: Readonly<Record<ChecklistItem["sign"], string>> = {
  "voicemail-greeting": "Voicemail greetings are read from or written to the mailbox",
  "conversation-history": "Conversation History is written to the mailbox",
  "archived-messages": "Archived messages are written to Purges",
  "out-of-office": "Out-of-office settings are read",
};

/** The success signs of the procedure: seen or not seen here, which is not the same as working or broken. */
export function checklistPane(analysis: Analysis | null): readonly ScreenLine[] {
  const items = analysis?.checklist ?? [];
  if (items.length === 0) return [plainLine("Nothing of the checklist was seen yet.", "dim")];
  return items.map(
    ({ sign, isSeen, evidence }): ScreenLine => [
      [isSeen ? "[OK] " : "[--] ", isSeen ? "good" : "dim"],
      [`${signs[sign]}${isSeen ? "" : ": not seen in this capture"}`, "plain"],
      [isSeen ? `  ${evidence.slice(0, 3).join(" ")}` : "", "dim"],
    ],
  );
}
