import type { HttpTransaction } from "../../core/http-transaction.ts";
import { decodeTransaction } from "../../decoders/decode-transaction.ts";
import type { S2sToken, TokenSighting } from "../../decoders/facts.ts";
import { tokenJson } from "../../decoders/value-json.ts";
import { wrap } from "../cut.ts";
import { safe } from "../safe-text.ts";
import { plainLine, type ScreenLine } from "../screen-line.ts";

/** Every token of a transaction, claims in full, the nested actor token indented below the one that carries it. */
export function tokenPane(transaction: HttpTransaction, columns: number): readonly ScreenLine[] {
  const { tokens, problems } = decodeTransaction(transaction);
  if (tokens.length === 0) return [plainLine("There is no token in this request or its answer.", "dim")];
  return [
    ...tokens.flatMap((sighting) => sightingLines(sighting, transaction.startedAt, columns)),
    ...problems.map((problem) => plainLine(safe(problem), "warning")),
  ];
}

function sightingLines({ path, side, token }: TokenSighting, at: number, columns: number): readonly ScreenLine[] {
  const where = `${side === "request" ? "request" : "answer"}, ${path}`;
  if (!token.ok) return [plainLine(safe(`${where}: ${token.problem}`), "warning")];
  return tokenLines(token.value, { where, indent: "", at, columns });
}

interface Place {
  readonly where: string;
  readonly indent: string;
  readonly at: number;
  readonly columns: number;
}

function tokenLines(token: S2sToken, place: Place): readonly ScreenLine[] {
  const { indent, columns } = place;
  const { header, claims } = tokenJson(token);
  const line = (text: string): readonly ScreenLine[] =>
    wrap(safe(text), columns - indent.length - 4).map((part, index) =>
      plainLine(`${indent}${index === 0 ? "  " : "    "}${part}`),
    );
  const signature = token.signature === "removed" ? "signed (signature removed)" : `signature ${token.signature}`;
  const { actor } = token;
  return [
    plainLine(safe(`${indent}${place.where}: ${token.tokenKind} token, ${signature}`), "strong"),
    plainLine(`${indent}  ${lifeText(token, place.at)}`, "dim"),
    ...line(`header  ${JSON.stringify(header)}`),
    ...Object.entries(claims as Record<string, unknown>).flatMap(([name, value]) =>
      line(`${name}  ${typeof value === "string" ? value : JSON.stringify(value)}`),
    ),
    ...(actor === null ? [] : actorLines(actor, place)),
  ];
}

function actorLines(actor: NonNullable<S2sToken["actor"]>, place: Place): readonly ScreenLine[] {
  const indent = `${place.indent}  `;
  if (!actor.ok) return [plainLine(safe(`${indent}actor token: ${actor.problem}`), "warning")];
  return tokenLines(actor.value, { ...place, where: "actor token inside", indent });
}

const barWidth = 20;

/** The life of a token as a bar with the moment of the request in it, and in words. */
function lifeText({ notBefore, expires }: S2sToken, at: number): string {
  if (notBefore === null || expires === null || expires <= notBefore) return "life: not stated";
  const part = (at - notBefore) / (expires - notBefore);
  const place = Math.max(0, Math.min(barWidth - 1, Math.floor(part * barWidth)));
  const bar = part < 0 || part > 1 ? "-".repeat(barWidth) : `${"=".repeat(place)}>${"-".repeat(barWidth - 1 - place)}`;
  const state =
    part < 0 ? "not valid yet at the request" : part > 1 ? "expired at the request" : "valid at the request";
  return `life: ${timeText(notBefore)} |${bar}| ${timeText(expires)}  ${state}`;
}

function timeText(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}
