// Elements of a trace or an event as Windows writes them: XML without a document type, whose only entities are the five of XML and
// numbers of characters. Bounded in elements, depth and attributes; nothing is resolved.

/** Names are local: without their prefix. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text between its tags, of its children none. */
  readonly text: string;
}

export interface XmlLimits {
  readonly elements: number;
  readonly depth: number;
}

const defaults: XmlLimits = { elements: 20_000, depth: 32 };

interface OpenElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  readonly texts: string[];
}

/**
 * Reads the first element of a text with all in it; a text that ends before it gives a problem, in words of this program. A
 * document type is a problem, whatever it declares.
 */
export function readXmlElement(text: string, limits: XmlLimits = defaults): XmlElement | string {
  const tree = new Tree(limits);
  for (let at = text.indexOf("<"); at !== -1; ) {
    const part = partAt(text, at);
    if (typeof part === "string") return part;
    const result = tree.take(part);
    if (result !== null) return result;
    at = text.indexOf("<", part.end);
    if (at > part.end) tree.addText(withoutEntities(text.slice(part.end, at)));
  }
  return "it ends too early";
}

class Tree {
  readonly #limits: XmlLimits;
  readonly #open: OpenElement[] = [];
  #count = 0;

  constructor(limits: XmlLimits) {
    this.#limits = limits;
  }

  addText(text: string): void {
    this.#open.at(-1)?.texts.push(text);
  }

  /** The outermost element once it is whole, a problem, or null. */
  take(part: Part): XmlElement | string | null {
    if (part.kind === "text") this.addText(part.text);
    if (part.kind === "start" || part.kind === "empty") {
      const problem = this.#begin(part.name, part.attributes);
      if (problem !== null || part.kind === "start") return problem;
      return this.#end(part.name);
    }
    return part.kind === "end" ? this.#end(part.name) : null;
  }

  #begin(name: string, attributes: XmlElement["attributes"]): string | null {
    this.#count += 1;
    if (this.#count > this.#limits.elements) return `it has more than ${this.#limits.elements} elements`;
    if (this.#open.length >= this.#limits.depth)
      return `its elements are nested deeper than ${this.#limits.depth} levels`;
    this.#open.push({ name, attributes, children: [], texts: [] });
    return null;
  }

  #end(name: string): XmlElement | string | null {
    const closed = this.#open.pop();
    if (closed?.name !== name) return "its tags do not match";
    const { attributes, children, texts } = closed;
    const element = { name, attributes, children, text: texts.join("") };
    const parent = this.#open.at(-1);
    if (parent === undefined) return element;
    parent.children.push(element);
    return null;
  }
}

type Part = { readonly end: number } & (
  | { readonly kind: "start" | "empty"; readonly name: string; readonly attributes: ReadonlyMap<string, string> }
  | { readonly kind: "end"; readonly name: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "none" }
);

function partAt(text: string, at: number): Part | string {
  if (text.startsWith("<!--", at)) return endOf(text, "-->", at);
  if (text.startsWith("<?", at)) return endOf(text, "?>", at);
  if (text.startsWith("<![CDATA[", at)) {
    const end = text.indexOf("]]>", at);
    return end === -1 ? "it ends too early" : { kind: "text", text: text.slice(at + 9, end), end: end + 3 };
  }
  if (text.startsWith("<!", at)) return "it has a document type declaration, which is not read";
  return tagAt(text, at);
}

function endOf(text: string, mark: string, from: number): Part | string {
  const found = text.indexOf(mark, from);
  return found === -1 ? "it ends too early" : { kind: "none", end: found + mark.length };
}

const nameOfTag = /<(\/?)(?:[A-Za-z_][\w.-]{0,63}:)?([A-Za-z_][\w.-]{0,63})(?=[\s/>])/y;
const attribute =
  /\s{1,64}(?:[A-Za-z_][\w.-]{0,63}:)?([A-Za-z_][\w.-]{0,63})\s{0,8}=\s{0,8}(?:"([^"<]{0,65536})"|'([^'<]{0,65536})')/y;
const tagEnd = /\s{0,64}(\/?)>/y;
const mostAttributes = 64;

function tagAt(text: string, at: number): Part | string {
  nameOfTag.lastIndex = at;
  const [tag, slash = "", name = ""] = nameOfTag.exec(text) ?? [];
  if (tag === undefined) return "it has a tag that cannot be read";
  const attributes = new Map<string, string>();
  let place = at + tag.length;
  for (let count = 0; count < mostAttributes; count++) {
    attribute.lastIndex = place;
    const [found, key = "", double, single] = attribute.exec(text) ?? [];
    if (found === undefined) break;
    if (!attributes.has(key)) attributes.set(key, withoutEntities(double ?? single ?? ""));
    place += found.length;
  }
  tagEnd.lastIndex = place;
  const [ending, isEmpty = ""] = tagEnd.exec(text) ?? [];
  if (ending === undefined) return text.includes(">", place) ? "it has a tag that cannot be read" : "it ends too early";
  const end = place + ending.length;
  if (slash !== "") return { kind: "end", name, end };
  return { kind: isEmpty === "" ? "start" : "empty", name, attributes, end };
}

const entities: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** The five entities of XML and numbers of characters; any other entity stays as it is written. */
function withoutEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));/g, (whole, name, number, hex) => {
    if (typeof name === "string") return entities.get(name) ?? whole;
    const code = typeof hex === "string" ? Number.parseInt(hex, 16) : Number(number);
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
  });
}

/** The first child of that name; undefined without one. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}
