// The tokens of a request as a tree: the outer token, and inside it the actor token signed by the token service.
import type { HttpTransaction } from "../../../core/http-transaction.ts";
import { requestAuthority } from "../../../core/http-transaction.ts";
import { safe } from "../../../core/safe-text.ts";
import type { S2sToken, TokenSighting } from "../../../decoders/facts.ts";
import { decodeTransaction } from "../../../decoders/messages/decode-transaction.ts";
import { tokenJson } from "../../../decoders/pasted/value-json.ts";
import { cutToCells, wrap } from "../../lines/cell-text.ts";
import { type ClaimCopy, type PaneLine, type TreeHead, textLine } from "../../lines/pane-line.ts";
import { lineWidth, plainLine, type ScreenLine, spread } from "../../lines/screen-line.ts";
import { durationWords, lifeBar, lifeWords, momentText } from "../../lines/time-bar.ts";
import { shortIds } from "../../lines/wrap-spans.ts";
import { type ClaimContext, claimVerdict, findingVerdict } from "../../words/claim-verdicts.ts";

export interface TokenPaneInput {
  readonly transaction: HttpTransaction;
  readonly context: Pick<ClaimContext, "handshake" | "findings">;
  readonly columns: number;
  readonly isUnmasked: boolean;
}

/**
 * All tokens of the transaction with every claim and its verdict, and the clock difference to the server. The lines form a
 * tree: `foldTree` selects the visible ones.
 */
export function tokenPane(input: TokenPaneInput): readonly PaneLine[] {
  const { transaction } = input;
  const { tokens, problems, serverDate } = decodeTransaction(transaction);
  if (tokens.length === 0) {
    return [textLine("There is no token in this request or its answer.", "dim"), ...problems.map(problemLine)];
  }
  return [
    ...tokens.flatMap((sighting, index) => sightingLines(sighting, input, String(index))),
    ...skewLine(serverDate, transaction, placeOf(input, "")),
    ...problems.map(problemLine),
  ];
}

function problemLine(problem: string): PaneLine {
  return textLine(safe(problem), "warning");
}

interface Place extends ClaimContext {
  /** Id of the token's node in the tree. */
  readonly node: string;
  readonly depth: number;
  readonly columns: number;
  readonly isUnmasked: boolean;
}

function placeOf({ transaction, context, columns, isUnmasked }: TokenPaneInput, node: string): Place {
  const { id, startedAt: at } = transaction;
  return {
    transactionId: id,
    host: requestAuthority(transaction),
    at,
    ...context,
    isActor: false,
    node,
    depth: 0,
    columns,
    isUnmasked,
  };
}

const places: Readonly<Record<TokenSighting["path"], string>> = {
  authorization: "Authorization",
  assertion: "form field assertion",
  client_assertion: "form field client_assertion",
  access_token: "access_token",
  body: "body",
  query: "query",
  other: "another place",
};

function sightingLines({ path, side, token }: TokenSighting, input: TokenPaneInput, node: string): readonly PaneLine[] {
  const where = `${places[path]} of the ${side === "request" ? "request" : "answer"}`;
  if (!token.ok) return [textLine(safe(`${where}: cannot be decoded: ${token.problem}`), "warning")];
  const { handshake } = input.context;
  // The signature state of a handshake is that of the token in `Authorization`.
  const context =
    path === "authorization" ? input.context : { ...input.context, handshake: withoutSignature(handshake) };
  return tokenLines(token.value, where, placeOf({ ...input, context }, node));
}

function withoutSignature(handshake: ClaimContext["handshake"]): ClaimContext["handshake"] {
  return handshake === null ? null : { ...handshake, signature: "unchecked" };
}

const kindWords: Readonly<Record<S2sToken["tokenKind"], string>> = {
  "self-issued": "self-issued token",
  actor: "actor token",
  "app-acts-as-user": "application acts as a user",
  "direct-trust": "direct trust",
  "entra-v1": "Entra token (v1)",
  "entra-v2": "Entra token (v2)",
  "app-asserted-user": "application asserts a user",
  "exchange-identity": "Exchange identity token",
  adfs: "AD FS token",
  unknown: "token of an unknown kind",
};

function tokenLines(token: S2sToken, where: string, place: Place): readonly PaneLine[] {
  const { node, depth } = place;
  const title: ScreenLine = [
    [safe(where), "strong"],
    [`  ${kindWords[token.tokenKind]}`, "plain"],
  ];
  const [header, claims] = membersOf(token, place.isUnmasked);
  const odd = [...token.oddities, ...token.duplicates.map((name) => `${name} occurs more than once`)];
  const prefix = depth === 0 ? "" : `${"  ".repeat(depth)}└ `;
  const main = claims.filter(isMain).flatMap((member) => claimLines(member, token, place));
  return [
    headLine({ id: node, prefix, words: title, verdict: [] }, { name: "token", text: token.compact }),
    ...inNode(node, [
      ...headerLines(header, token, place),
      ...inNode(`${node}/main`, [...main, ...lifeLines(token, place)]),
      ...actorLines(token, place),
      ...odd.map((text) => textLine(`${indentOf(place)}${safe(text)}`, "warning")),
      ...otherLines(claims, token, place),
    ]),
  ];
}

/** Claims that do not decide about trust, under a node of their own. */
function otherLines(claims: Members, token: S2sToken, place: Place): readonly PaneLine[] {
  const others = claims.filter((member) => !isMain(member));
  if (others.length === 0) return [];
  const id = `${place.node}/other`;
  const whose = token.actor === null ? "" : " of the outer token";
  return [
    headLine({ id, prefix: indentOf(place), words: [[`other claims${whose}`, "dim"]], verdict: [] }),
    ...inNode(
      id,
      others.flatMap((member) => claimLines(member, token, place)),
    ),
  ];
}

function headLine(head: TreeHead, copy?: ClaimCopy): PaneLine {
  return { line: head.words, head, ...(copy === undefined ? {} : { copy }) };
}

/** Puts the lines into a node; lines in a node below it stay there. */
function inNode(node: string, lines: readonly PaneLine[]): readonly PaneLine[] {
  return lines.map((line) => ({ ...line, within: line.within ?? node }));
}

/** Indent of the nodes of a token; their members are indented by two more columns. */
function indentOf({ depth }: Place): string {
  return "  ".repeat(depth + 1);
}

type Members = readonly (readonly [name: string, value: unknown])[];

/** Header and claims without the nested token; while masked also without what names a person. */
function membersOf(token: S2sToken, isUnmasked: boolean): readonly [header: Members, claims: Members] {
  const shown = isUnmasked ? token : (tokenJson(token) as { header: object; claims: object });
  const claims = Object.entries(shown.claims).filter(([name]) => token.actor === null || !/^actortoken$/i.test(name));
  return [Object.entries(shown.header), inOrder(claims)];
}

const first = ["iss", "aud", "nameid", "appid", "azp", "idtyp", "roles", "tid", "trustedfordelegation", "nbf", "exp"];

function isMain([name]: Members[number]): boolean {
  return first.includes(name);
}

/** The header with the state of the signature; the head of the node with the claims that decide about trust. */
function headerLines(header: Members, token: S2sToken, place: Place): readonly PaneLine[] {
  const prefix = indentOf(place);
  const id = `${place.node}/main`;
  const words = header.map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`);
  const signature = claimVerdict("x5t", token, place);
  const verdict = signature.length > 0 ? signature : claimVerdict("alg", token, place);
  const room = place.columns - prefix.length - lineWidth(verdict) - 4;
  const copy = { name: "header", text: JSON.stringify(Object.fromEntries(header)) };
  const [first = "", ...rest] = wrap(safe(words.join("  ")), room);
  return [
    headLine({ id, prefix, words: [[first, "plain"]], verdict }, copy),
    ...inNode(
      id,
      rest.map((text) => ({ line: plainLine(`${prefix}  ${text}`), copy })),
    ),
  ];
}

/** The claims that decide about trust first. */
function inOrder(members: Members): Members {
  const place = ([name]: Members[number]): number => {
    const at = first.indexOf(name);
    return at === -1 ? first.length : at;
  };
  return members.toSorted((one, other) => place(one) - place(other));
}

const timeClaims: ReadonlySet<string> = new Set(["nbf", "exp", "iat"]);
const nameWidth = 9;

function claimLines([name, value]: Members[number], token: S2sToken, place: Place): readonly PaneLine[] {
  const indent = `${indentOf(place)}  `;
  const plain = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  // Tokens issued by Exchange have these numbers as strings.
  const words = timeClaims.has(name) && /^\d{1,12}$/.test(plain) ? `${secondsText(Number(plain))} (${plain})` : plain;
  const verdict = claimVerdict(name, token, place);
  const room = place.columns - indent.length - nameWidth - 1;
  const label = safe(name).padEnd(nameWidth);
  const verdictWidth = verdict.reduce((sum, [text]) => sum + text.length + 2, 0);
  const copy = { name: safe(name), text: plain };
  if (room - verdictWidth >= 12) {
    const [first = "", ...rest] = valueLines(safe(words), room - verdictWidth);
    return [
      { line: spread([[`${indent}${label} ${first}`, "plain"]], verdict, place.columns), copy },
      ...rest.map((text) => ({ line: plainLine(`${indent}${" ".repeat(nameWidth + 1)}${text}`), copy })),
    ];
  }
  return wrap(safe(`${name} ${words}`), place.columns - indent.length).map((text) => ({
    line: plainLine(indent + text),
    copy,
  }));
}

/** A value wrapped to several lines; one with GUIDs shortened and cut to one line. */
function valueLines(text: string, columns: number): readonly string[] {
  const shorter = shortIds(text, columns);
  return shorter === text ? wrap(text, columns) : [cutToCells(shorter, columns)];
}

function secondsText(seconds: number): string {
  const at = seconds * 1000;
  return Number.isFinite(at) && Math.abs(at) < 8.64e15 ? momentText(at) : "out of range";
}

function lifeLines(token: S2sToken, place: Place): readonly PaneLine[] {
  const { at, columns } = place;
  const bar = lifeBar(token, at);
  if (bar === null) return [];
  const isGood = token.expires !== null && at < token.expires && (token.notBefore === null || at >= token.notBefore);
  const life = token.lifetimeSeconds === null ? "" : `  life ${durationWords(token.lifetimeSeconds * 1000)}`;
  const left: ScreenLine = [
    [`${indentOf(place)}  ${bar} `, isGood ? "plain" : "bad"],
    [`${lifeWords(token, at)}${life}`, isGood ? "plain" : "bad"],
  ];
  return [{ line: spread(left, [[isGood ? "[OK]" : "[XX]", isGood ? "good" : "bad"]], columns) }];
}

function actorLines({ actor }: S2sToken, place: Place): readonly PaneLine[] {
  if (actor === null) return [];
  const deeper = { ...place, node: `${place.node}/actor`, depth: place.depth + 1, isActor: true };
  if (!actor.ok) {
    return [textLine(safe(`${"  ".repeat(deeper.depth)}└ Actor token: cannot be decoded: ${actor.problem}`), "bad")];
  }
  return tokenLines(actor.value, "Actor token", deeper);
}

/** The server's `Date` compared with the time of the answer: with a wrong clock valid tokens count as expired. */
function skewLine(
  serverDate: number | null,
  { startedAt, durationMs }: HttpTransaction,
  place: Place,
): readonly PaneLine[] {
  if (serverDate === null) return [];
  const skew = (serverDate - startedAt - (durationMs ?? 0)) / 1000;
  const isSmall = Math.abs(skew) < 300;
  const finding = findingVerdict("skew", place);
  const words = `server's clock ${skew < 0 ? "-" : "+"}${Math.abs(skew).toFixed(1)} s, by its Date header`;
  const verdict: ScreenLine = finding ?? [[isSmall ? "[OK]" : "[!!]", isSmall ? "good" : "warning"]];
  return [{ line: spread([[words, "plain"]], verdict, place.columns) }];
}
