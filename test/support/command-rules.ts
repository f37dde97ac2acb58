// PowerShell commands in a sentence, taken apart, and what none of them may do to the one who types them: write a list that the
// other side replaces without reading it first, or change everything that a Get- gives.
//
// Which parameters are lists: the cmdlet reference (learn.microsoft.com) calls them MultiValuedProperty or an array; Graph's
// PATCH replaces every collection.

export interface Command {
  readonly name: string;
  /** Values by parameter in lower case; the name `` is the positional one. Empty where a switch or nothing follows. */
  readonly values: ReadonlyMap<string, string>;
  /** Where the command begins in the text. */
  readonly at: number;
}

const commandName = /(?<![\w.-])(?:[A-Z][a-z]+-[A-Z][A-Za-z]+)\b(?!\.ps1)/g;

/** Every pipeline of a text, in order: the commands between bars. */
export function pipelinesIn(text: string): readonly (readonly Command[])[] {
  const pipelines: Command[][] = [];
  let end = 0;
  for (const match of text.matchAll(commandName)) {
    if (match.index < end) continue;
    const pipeline: Command[] = [];
    let at = match.index;
    for (;;) {
      const read = readCommand(text, at);
      pipeline.push(read.command);
      end = read.end;
      const bar = /^[ \t]*\|[ \t]*(?=[A-Z?])/.exec(text.slice(end));
      if (bar === null) break;
      at = end + bar[0].length;
    }
    pipelines.push(pipeline);
  }
  return pipelines;
}

function readCommand(text: string, at: number): { readonly command: Command; readonly end: number } {
  const name = /^(?:\?|[A-Za-z]+-?[A-Za-z]*)/.exec(text.slice(at))?.[0] ?? "";
  const values = new Map<string, string>();
  let end = at + name.length;
  let open = "";
  let isFirst = true;
  for (;;) {
    const rest = text.slice(end);
    const parameter = /^[ \t]+-([A-Za-z][A-Za-z0-9]*):?(?![A-Za-z])/.exec(rest);
    if (parameter !== null) {
      open = (parameter[1] ?? "").toLowerCase();
      values.set(open, values.get(open) ?? "");
      end += parameter[0].length;
      isFirst = false;
      continue;
    }
    const value = readValue(rest, open !== "" || isFirst);
    if (value === "") break;
    values.set(open, `${values.get(open) ?? ""}${value.trim()}`);
    end += value.length;
    // A list goes on behind a comma.
    if (!/^[ \t]*,[ \t]*['"$(@]/.test(text.slice(end))) open = "";
    else {
      values.set(open, `${values.get(open) ?? ""},`);
      end += /^[ \t]*,/.exec(text.slice(end))?.[0].length ?? 0;
    }
    isFirst = false;
  }
  return { command: { name, values, at }, end };
}

/** One value with the blanks before it; empty where a sentence goes on. */
function readValue(rest: string, mayBeWord: boolean): string {
  const blanks = /^[ \t]*/.exec(rest)?.[0] ?? "";
  const value = valueAt(rest.slice(blanks.length), mayBeWord && blanks !== "");
  return value === "" ? "" : blanks + value;
}

function valueAt(start: string, mayBeWord: boolean): string {
  if (/^(?:@?[({]|\$\()/.test(start)) return balanced(start);
  const quotedOrNamed = /^'(?:[^']|'')*'|^"[^"]*"|^\$[\w:.]+(?:\[[^\]]*\])?|^<[^>]*>[\w.:/\\-]*/.exec(start)?.[0] ?? "";
  if (quotedOrNamed !== "" || !mayBeWord) return quotedOrNamed;
  return /^[\w*.:/\\@][\w*.:/\\@,-]*[\w*\\]|^[\w*]/.exec(start)?.[0] ?? "";
}

function balanced(start: string): string {
  let depth = 0;
  let quote = "";
  for (let at = 0; at < start.length; at++) {
    const character = start[at] ?? "";
    if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === "'" || character === '"') quote = character;
    else if ("({".includes(character)) depth++;
    else if (")}".includes(character) && --depth === 0) return start.slice(0, at + 1);
  }
  return start;
}

const changing = /^(?:Set|Update|Remove|Enable|Disable|Clear|Add|New|Stop|Move|Revoke|Reset)-/;
// Names of one value that look like those of lists.
const single: ReadonlySet<string> = new Set(["internetwebproxy", "identity", "applicationidentifier", "erroraction"]);
const listName =
  /(?:list|allowedappids|names|addresses|domains|domainname|uris|urls|credentials|permissions|members|scopes|roles|tags|owners|resourceaccess|bodyparameter|accept\w+from|reject\w+from|moderatedby|grantsendonbehalfto|objects)$/;

function isList(command: Command, parameter: string): boolean {
  if (single.has(parameter)) return false;
  return /^(?:Set|Update)-/.test(command.name) && listName.test(parameter);
}

/** What is wrong with the commands of a text; empty when nothing is. `isAdvice`: somebody is told to type them. */
export function complaintsOf(text: string, isAdvice = true): readonly string[] {
  const complaints: string[] = [];
  for (const pipeline of pipelinesIn(text)) {
    for (const command of pipeline) {
      for (const [parameter, value] of command.values)
        if (isList(command, parameter) && !isMerged(value, text.slice(0, command.at)))
          complaints.push(`${command.name} -${parameter} ${value}: a list is written that was not read and merged`);
      if (isAdvice && /^(?:Update|Set)-Mg/.test(command.name) && command.values.size === 0)
        complaints.push(`${command.name}: named without the read and the merge that it needs`);
      if (
        /^(?:Update|Set|New|Add)-Mg/.test(command.name) &&
        command.values.has("keycredentials") &&
        isForExchange(text)
      )
        complaints.push(`${command.name}: a key for the shared service principal`);
    }
    const [first, ...others] = pipeline;
    const change = others.find(({ name }) => changing.test(name));
    if (first !== undefined && change !== undefined && first.name.startsWith("Get-") && !isNarrowed(pipeline))
      complaints.push(`${first.name} | ${change.name}: everything that ${first.name} gives is changed`);
  }
  return complaints;
}

function isForExchange(text: string): boolean {
  return /-Filter "appId eq '00000002-0000-0ff1-ce00-000000000000'"/.test(text);
}

/** Added to or taken from, or made of what was read before: in the value itself or through variables. */
function isMerged(value: string, before: string): boolean {
  if (/^@\{ ?(?:Add|Remove) ?=/i.test(value)) return true;
  if (/\(Get-[A-Z]/.test(value)) return true;
  const read = variablesRead(before);
  return [...value.matchAll(/\$(\w+)/g)].some(([, name = ""]) => read.has(name.toLowerCase()));
}

function variablesRead(text: string): ReadonlySet<string> {
  const read = new Set<string>();
  const assigned = [...text.matchAll(/\$(\w+)\s*\+?=\s*([^\n;]*)|foreach \(\$(\w+) in ([^\n;]*)/g)];
  for (let size = -1; size !== read.size; ) {
    size = read.size;
    for (const [, target, source = "", item, list = ""] of assigned) {
      const from = source + list;
      const isRead =
        /\bGet-[A-Z]/.test(from) ||
        [...from.matchAll(/\$(\w+)/g)].some(([, name = ""]) => read.has(name.toLowerCase()));
      if (isRead) read.add((target ?? item ?? "").toLowerCase());
    }
  }
  return read;
}

/** A Get- that names what it wants, or a filter behind it that does. */
function isNarrowed(pipeline: readonly Command[]): boolean {
  return pipeline.some(({ name, values }) => {
    if (name.startsWith("Get-"))
      return [...values].some(([parameter, value]) => narrowing.has(parameter) && !/^['"]?\*?['"]?$/.test(value));
    if (name !== "Where-Object" && name !== "?") return false;
    const all = [...values].map(([parameter, value]) => `-${parameter} ${value}`).join(" ");
    return /-(?:eq|in|contains|notcontains)\b/.test(all) || /-(?:like|match)\s*['"]?[^*'"\s]/.test(all);
  });
}

const narrowing: ReadonlySet<string> = new Set(["", "identity", "filter", "thumbprint", "roleassignee"]);

/** Every text between double quotes or backquotes of a TypeScript source; what is put into one stands as `<x>`. */
export function literalsIn(source: string): readonly string[] {
  const literals: string[] = [];
  const code = source.replace(/^[ \t]*(?:\/\/|\/?\*).*$/gm, "");
  let at = 0;
  const readTemplate = (): string => {
    let text = "";
    for (at++; at < code.length && code[at] !== "`"; at++) {
      if (code[at] === "\\") text += code[++at] ?? "";
      else if (code.startsWith("${", at)) {
        at += 2;
        readCode("}");
        text += "<x>";
      } else text += code[at];
    }
    return text;
  };
  const readCode = (end: string): void => {
    for (let depth = 0; at < code.length; at++) {
      const character = code[at];
      if (character === end && depth === 0) return;
      if (character === "{") depth++;
      else if (character === "}") depth--;
      else if (character === "`") literals.push(readTemplate());
      else if (character === '"') {
        const literal = /^"(?:[^"\\\n]|\\.)*"/.exec(code.slice(at))?.[0] ?? '"';
        literals.push(literal.slice(1, -1).replace(/\\(.)/g, "$1"));
        at += literal.length - 1;
      }
    }
  };
  readCode("\0");
  return literals;
}
