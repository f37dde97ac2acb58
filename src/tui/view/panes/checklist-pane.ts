// The checklist: the success signs of the procedure.
import { safe } from "../../../core/safe-text.ts";
import type { Analysis, ChecklistItem } from "../../../diagnosis/analysis.ts";
import { type PaneLine, textLine } from "../../lines/pane-line.ts";

const signs: Readonly<Record<ChecklistItem["sign"], string>> = {
  "voicemail-greeting": "Voicemail greetings are read from or written to the mailbox",
  "conversation-history": "Conversation History is written to the mailbox",
  "archived-messages": "Archived messages are written to Purges",
  "out-of-office": "Out-of-office settings are read",
};

/** The success signs of the procedure. Not seen in this capture does not mean broken. */
export function checklistPane(analysis: Analysis | null): readonly PaneLine[] {
  const items = analysis?.checklist ?? [];
  if (items.length === 0) return [textLine("Nothing of the checklist was seen yet.", "dim")];
  const seen = items.filter(({ isSeen }) => isSeen).length;
  return [
    textLine(`${seen} of ${items.length} signs of success were seen; not seen here does not mean broken.`, "strong"),
    ...items.map(({ sign, isSeen, evidence }): PaneLine => {
      const rowId = evidence.at(-1);
      return {
        line: [
          [isSeen ? "[OK] " : "[--] ", isSeen ? "good" : "dim"],
          [`${signs[sign]}${isSeen ? "" : ": not seen in this capture"}`, "plain"],
          [isSeen ? `  ${safe(evidence.slice(-3).join(" "))}` : "", "dim"],
        ],
        ...(rowId === undefined ? {} : { rowId }),
      };
    }),
  ];
}
