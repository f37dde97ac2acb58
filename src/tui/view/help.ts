// The help: for the current place, or all keys, the filter language and the command line.
import { filterFields } from "../../filter/fields.ts";
import { wrap } from "../lines/cell-text.ts";
import { type PaneLine, textLine } from "../lines/pane-line.ts";
import type { ViewState } from "../model/view-state.ts";
import { lineCommands } from "../update/command-line.ts";
import { commands } from "../update/commands.ts";
import { keyLabel, keysOf } from "../update/key-bindings.ts";

/** The lines of the help for `columns` columns. */
export function helpLines(state: ViewState, columns: number): readonly PaneLine[] {
  if (state.input?.kind === "filter") return filterHelp(columns);
  return state.help === "all"
    ? [...keyLines(state, columns, () => true), textLine(""), ...filterHelp(columns), ...lineHelp(columns)]
    : placeHelp(state, columns);
}

function keyLines(state: ViewState, columns: number, isWanted: (name: string) => boolean): readonly PaneLine[] {
  return commands
    .filter(({ name }) => isWanted(name))
    .flatMap((command) => keyLine(keysOf(command, state.keys).map(keyLabel).join(" "), command.help, columns));
}

const keyColumns = 22;

/** Keys at the left and their help at the right, wrapped. */
function keyLine(keys: string, help: string, columns: number): readonly PaneLine[] {
  const front = `  ${keys.padEnd(keyColumns)} `;
  const [first = "", ...more] = wrap(help, columns - front.length);
  return [textLine(`${front}${first}`), ...more.map((text) => textLine(" ".repeat(front.length) + text))];
}

const tableKeys = new Set(
  "down up page-down page-up first last next-finding filter filter-value filter-without-value filter-conversation follow pause columns open left right stream mark go-to-mark export copy help quit".split(
    " ",
  ),
);
const paneKeys = new Set(
  "down up page-down first last open back next-part left right copy copy-claims copy-token unmask hex wrap zoom help quit".split(
    " ",
  ),
);

const longLines =
  "Long lines are wrapped; w shows them whole, h and l then scroll sideways, and ← → at an edge mean that there is more.";

const places: Readonly<Record<string, readonly string[]>> = {
  table: [
    "The traffic, one request a line, the newest last. Two lines at the top always say whether OAuth is confirmed and",
    "whether Basic was used, with the rows that prove it.",
    "Before a row: > selected, ! alarm or error, w warning, x no answer, * evidence of the verdict, then your mark.",
    "dir: in to Exchange Server, out from it; of no handshake: X Exchange, S the cloud, T token service. Times are UTC.",
    "▸×37: 37 equal rows that arrived too fast to read, with the longest time and the largest size; Enter or l shows them,",
    "h groups them again. A finding, a password or evidence always has its own line.",
    "auth: Bearer, Bearer? (asked for a challenge, refused, or not readable), BASIC (a password), NTLM, Nego, anon, -",
  ],
  summary: ["One request: how it signed in, how it was answered, and its findings."],
  token: [
    "Each token as a tree: the outer one, inside it the actor token that the token service signed. At the right edge a",
    "verdict for each claim. The bar is the token's life, > the moment of this request. An outer token with alg none is",
    "expected; an actor token with it is an alarm. h folds the part that a line starts, l unfolds it; a folded part says how",
    "many claims it hides and the worst of them.",
  ],
  ladder: [
    "The handshake of this row: client, token service, server. 1 challenge, 2 signing key, 3 token, 4 accepted.",
    "OK seen and good, XX failed, -- not seen here. A client that still has a token requests none: step 3 is then missing.",
  ],
  findings: ["All findings, the worst first, with what to do. Enter goes to the newest row of the evidence."],
  checklist: [
    "The success signs of the procedure. Not seen here does not mean broken: use the feature, then check again.",
  ],
  raw: ["The message byte by byte: what cannot be shown is escaped and underlined. x shows it as hex.", longLines],
  stream: ["The conversation in order: > request, < answer. Enter goes to the row."],
  setup: ["The steps of a setup, each with its state and note."],
  headers: [
    "All fields in their order. Secrets are masked; m shows them for 30 s while they are in memory.",
    longLines,
  ],
  body: ["The bodies. Secrets are masked; m shows them for 30 s while they are in memory.", longLines],
};

function placeHelp(state: ViewState, columns: number): readonly PaneLine[] {
  const isTable = state.focus === "table";
  const words = places[isTable ? "table" : state.tab] ?? [];
  return [
    ...wrap(words.join(" "), columns - 2).map((text) => textLine(text, "strong")),
    textLine(""),
    ...keyLines(state, columns, (name) => (isTable ? tableKeys : paneKeys).has(name)),
    ...keyLine("1 - 8", "show a pane; ? once more: all keys", columns),
    ...keyLine("5j 12G", "a number before a movement repeats it or names a row or line; Esc drops it", columns),
  ];
}

function filterHelp(columns: number): readonly PaneLine[] {
  const lines = [
    'Filter: host~"office" & auth=basic & !status=2xx      a bare word looks in host and path',
    "= != whole, in any letter case   ~ !~ contains, or a pattern such as /lync|teams/   < <= > >=   in (a, b)",
    "& | ! ( ) or and or not; two terms beside each other must both fit",
    "dur>500ms  size>1mb  status=4xx  status=none  time>-5m  time<12:04  sev>=warning  dir=outbound  route=graph",
    `fields: ${filterFields.join(" ")}`,
    "Enter keeps it, Esc drops it, up and down bring back earlier ones.",
  ];
  return lines.flatMap((line) => wrap(line, columns).map((text) => textLine(text)));
}

function lineHelp(columns: number): readonly PaneLine[] {
  const lines = lineCommands.flatMap(({ usage }) => {
    const [first = "", ...more] = wrap(`:${usage}`, columns - 4);
    return [textLine(`  ${first}`), ...more.map((text) => textLine(`    ${text}`))];
  });
  return [textLine(""), ...lines];
}
