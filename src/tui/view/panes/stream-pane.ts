// The conversation of the selected row in order: `>` a request, `<` its answer.

import { safe } from "../../../core/safe-text.ts";
import { type PaneLine, textLine } from "../../lines/pane-line.ts";
import { spread } from "../../lines/screen-line.ts";
import type { ViewState } from "../../model/view-state.ts";

/** Rows that are searched back; the journal has the beginning of a longer conversation. */
const lookBack = 20_000;
const rowsShown = 400;

/** The newest 400 requests of the conversation with their answers; Enter selects the row. */
export function streamPane(state: ViewState, handshakeId: string | null, columns: number): readonly PaneLine[] {
  if (handshakeId === null) return [textLine("This request belongs to no conversation of a service.", "dim")];
  const lines: PaneLine[] = [];
  const { log } = state;
  for (let number = log.end - 1; number >= Math.max(log.first, log.end - lookBack); number -= 1) {
    const row = log.at(number)?.row;
    if (row?.handshakeId !== handshakeId) continue;
    const answer = row.status === null ? "no answer" : String(row.status);
    const words = row.detail === "" ? "" : `  ${row.detail}`;
    lines.push(
      {
        line: [
          [`< ${answer}`, row.status !== null && row.status < 400 ? "good" : "warning"],
          [safe(words), "plain"],
        ],
        rowId: row.id,
      },
      {
        line: spread(
          [
            [`> ${safe(row.method)} `, "strong"],
            [safe(`${row.host}${row.path}  ${row.auth}`), "plain"],
          ],
          [[safe(row.id), "dim"]],
          columns,
        ),
        rowId: row.id,
      },
    );
    if (lines.length >= rowsShown * 2) break;
  }
  return lines.reverse();
}
