// The command line behind `:`.

import { themeNames } from "../lines/theme.ts";
import { choosable, columnNames } from "../model/columns.ts";
import { beginFilter } from "../model/filtering.ts";
import type { ExportFormat } from "../model/messages.ts";
import { selectId } from "../model/selection.ts";
import { showTab } from "../model/tabs.ts";
import { tabNames } from "../model/view-parts.ts";
import type { ViewState } from "../model/view-state.ts";
import { chooseByName, sortByName } from "./column-chooser.ts";
import { type KeyContext, type Update, withEffect, withoutEffect } from "./effects.ts";
import { exportRows, groupByName } from "./group-actions.ts";

interface LineCommand {
  readonly name: string;
  readonly usage: string;
  /** Values that Tab completes after the name. */
  readonly values: readonly string[];
  readonly run: (state: ViewState, argument: string, context: KeyContext) => Update;
}

const formats: readonly ExportFormat[] = ["har", "ndjson", "saz", "html", "markdown", "ticket", "curl"];

export const lineCommands: readonly LineCommand[] = [
  {
    name: "goto",
    usage: "goto ID",
    values: [],
    run: (state, id, { height }) =>
      withoutEffect({ ...selectId(state, /^\d+$/.test(id) ? `t${id}` : id, height), focus: "table" }),
  },
  { name: "filter", usage: "filter EXPRESSION", values: [], run: runFilter },
  { name: "export", usage: "export har|ndjson|saz|html|markdown|ticket|curl [FILE]", values: formats, run: runExport },
  {
    name: "save",
    usage: "save FILE (the marked rows, else this one, as a journal)",
    values: [],
    run: (state, path) =>
      path === "" ? withoutEffect({ ...state, notice: "save needs a file name" }) : exportRows(state, "ndjson", path),
  },
  {
    name: "sort",
    usage: "sort COLUMN | -COLUMN (descending) | none (order of arrival)",
    values: ["none", ...columnNames, ...columnNames.map((name) => `-${name}`)],
    run: (state, name, { height }) => withoutEffect(sortByName(state, name, height)),
  },
  {
    name: "columns",
    usage: "columns +COLUMN -COLUMN ... | usual",
    values: ["usual", ...choosable.flatMap((name) => [`+${name}`, `-${name}`])],
    run: (state, names) => withoutEffect(chooseByName(state, names)),
  },
  {
    name: "group",
    usage: "group on | off | auto (equal neighbouring rows, while they arrive fast)",
    values: ["on", "off", "auto"],
    run: (state, text) => withoutEffect(groupByName(state, text)),
  },
  { name: "show", usage: "show PANE", values: tabNames, run: runShow },
  { name: "theme", usage: "theme NAME", values: themeNames, run: runTheme },
  {
    name: "ascii",
    usage: "ascii",
    values: [],
    run: (state) => withoutEffect({ ...state, isAscii: !state.isAscii }),
  },
  {
    name: "mouse",
    usage: "mouse on|off (wheel, and clicks on rows, lines and tabs; the terminal then selects text only with Shift)",
    values: ["on", "off"],
    run: runMouse,
  },
  {
    name: "unmark",
    usage: "unmark (all rows)",
    values: [],
    run: (state) => withoutEffect({ ...state, marks: new Map(), notice: "all marks removed" }),
  },
  { name: "help", usage: "help", values: [], run: (state) => withoutEffect({ ...state, help: "all" }) },
  {
    name: "q",
    usage: "q (close the screen)",
    values: [],
    run: (state) =>
      state.mode === "live" || state.mode === "attached"
        ? withoutEffect({ ...state, input: { kind: "quit" } })
        : withEffect(state, { type: "send", message: { type: "stop-capture" } }, { type: "leave" }),
  },
];

/** Runs the text after the colon; a notice reports an unknown command. */
export function runCommandLine(state: ViewState, text: string, context: KeyContext): Update {
  const [, name = "", argument = ""] = /^\s*(\S*)\s*(.*?)\s*$/.exec(text) ?? [];
  if (name === "") return withoutEffect(state);
  const command = lineCommands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    const names = lineCommands.map((candidate) => candidate.name).join(" ");
    return withoutEffect({ ...state, notice: `there is no command ${name.slice(0, 20)}; there are: ${names}` });
  }
  return command.run(state, argument, context);
}

/** Completes the last word as far as it is unambiguous. */
export function completeCommand(text: string): string {
  const [, name = "", space = "", argument = ""] = /^\s*(\S*)(\s*)(.*)$/.exec(text) ?? [];
  if (space === "")
    return (
      completeWord(
        name,
        lineCommands.map((command) => command.name),
        " ",
      ) ?? text
    );
  const command = lineCommands.find((candidate) => candidate.name === name);
  const value = completeWord(argument, command?.values ?? [], "");
  return value === null ? text : `${name} ${value}`;
}

function completeWord(begun: string, names: readonly string[], end: string): string | null {
  const fitting = names.filter((name) => name.startsWith(begun));
  const [first = ""] = fitting;
  if (fitting.length === 0) return null;
  if (fitting.length === 1) return first + end;
  let shared = first;
  while (!fitting.every((name) => name.startsWith(shared))) shared = shared.slice(0, -1);
  return shared;
}

function runFilter(state: ViewState, text: string, { now }: KeyContext): Update {
  const { state: begun, problem } = beginFilter(state, text, now);
  return withoutEffect(problem === null ? begun : { ...begun, notice: `column ${problem.column}: ${problem.text}` });
}

function runExport(state: ViewState, argument: string): Update {
  const [, name = "", path = ""] = /^(\S*)\s*(.*)$/.exec(argument) ?? [];
  const as = formats.find((format) => format === name);
  return as === undefined
    ? withoutEffect({ ...state, notice: `export as one of: ${formats.join(" ")}` })
    : exportRows(state, as, path);
}

function runMouse(state: ViewState, word: string): Update {
  if (word !== "on" && word !== "off") return withoutEffect({ ...state, notice: "mouse on, or mouse off" });
  const isOn = word === "on";
  const notice = isOn
    ? "the screen handles the mouse; with Shift the terminal selects text"
    : "the terminal handles the mouse";
  return withEffect({ ...state, hasMouse: isOn, notice }, { type: "mouse", isOn });
}

function runShow(state: ViewState, name: string): Update {
  const tab = tabNames.find((candidate) => candidate === name);
  return withoutEffect(
    tab === undefined ? { ...state, notice: `show one of: ${tabNames.join(" ")}` } : showTab(state, tab),
  );
}

function runTheme(state: ViewState, name: string): Update {
  return withoutEffect(
    themeNames.includes(name) ? { ...state, theme: name } : { ...state, notice: `themes: ${themeNames.join(" ")}` },
  );
}
