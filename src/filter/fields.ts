// The fields of the filter language: the only list of them. Each turns a comparison into a test.
import { type HttpTransaction, requestUrl } from "../core/http-transaction.ts";
import { microsoftHost } from "../core/microsoft-hosts.ts";
import { readSize } from "../core/quantities.ts";
import { bodyText } from "../decoders/body-text.ts";
import type { GraphFacts } from "../decoders/graph-facts.ts";
import { graphErrorCodes, graphFamilies } from "../decoders/messages/graph-answer.ts";
import { readGraph } from "../decoders/messages/read-graph.ts";
import type { FilterContent, FilterSubject } from "./subject.ts";
import { readMilliseconds, readMoment, readStatus, type Span, severityRank } from "./values.ts";

export type Test = (subject: FilterSubject, content: FilterContent) => boolean;

/** A field by its kind of value: text is compared whole or by pattern, a span by order. */
export type Field =
  | { readonly kind: "text"; readonly read: (subject: FilterSubject, content: FilterContent) => readonly string[] }
  | {
      readonly kind: "span";
      readonly what: string;
      /** Null where the row has no such value: only `!=` then matches. */
      readonly read: (subject: FilterSubject) => number | null;
      /** The values that a text names, from inclusive to exclusive; null when it is not a value of the field. */
      readonly parse: (text: string, now: number) => Span | "none" | null;
    };

const one = (read: (subject: FilterSubject) => string): Field => ({
  kind: "text",
  read: (subject) => [read(subject)],
});
const point = (read: (text: string) => number | null) => (text: string) => {
  const value = read(text);
  return value === null ? null : { from: value, to: value + 1 };
};

const fields: Readonly<Record<string, Field>> = {
  id: one(({ row }) => row.id),
  // The direction of the handshake first, so that a condition on a row is written with it.
  dir: { kind: "text", read: ({ row, direction }) => [row.direction, direction].flatMap((value) => value ?? []) },
  route: one(({ row }) => row.route ?? "none"),
  service: one(({ row }) => row.tokenService ?? "none"),
  conv: one(({ row }) => row.handshakeId ?? "none"),
  host: one(({ row }) => row.host),
  path: one(({ row }) => row.path),
  url: {
    kind: "text",
    read: ({ row }, content) => [content === null ? `${row.scheme}://${row.host}${row.path}` : requestUrl(content)],
  },
  client: one(({ row }) => row.client),
  method: one(({ row }) => row.method),
  status: {
    kind: "span",
    what: "a status such as 401, 4xx or none",
    read: ({ row }) => row.status,
    parse: readStatus,
  },
  auth: one(({ row }) => row.auth),
  // A captured request has none of the first two.
  log: one(({ row }) => row.log?.kind ?? "none"),
  file: one(({ row }) => (row.log === undefined ? "none" : `${row.log.file}:${row.log.line}`)),
  basis: one(({ row }) => (row.log === undefined ? "traffic" : "log")),
  what: one(({ row }) => row.detail),
  realm: one(({ token }) => token?.realm ?? ""),
  iss: one(({ token }) => token?.issuer ?? ""),
  aud: one(({ token }) => token?.audience ?? ""),
  app: one(({ token }) => token?.application ?? ""),
  alg: one(({ token }) => token?.algorithm ?? ""),
  exp: {
    kind: "span",
    what: "a time such as 12:04, -5m or 2026-01-15T12:00Z",
    read: ({ token }) => token?.expiresAt ?? null,
    parse: readMoment,
  },
  finding: { kind: "text", read: ({ findings }) => findings },
  sev: {
    kind: "span",
    what: "a severity: none info warning error alarm",
    read: ({ row }) => severityRank(row.worst ?? "none"),
    parse: point(severityRank),
  },
  dur: {
    kind: "span",
    what: "a duration such as 500ms or 2s",
    read: ({ row }) => row.durationMs,
    parse: point(readMilliseconds),
  },
  size: {
    kind: "span",
    what: "a size such as 800 or 1mb",
    read: ({ row }) => row.bytes,
    parse: point((text) => readSize(text, 1000)),
  },
  time: {
    kind: "span",
    what: "a time such as 12:04, -5m or 2026-01-15T12:00Z",
    read: ({ row }) => row.at,
    parse: readMoment,
  },
  "graph.family": { kind: "text", read: (_, content) => graphOf(content, graphFamilies) },
  "graph.error": { kind: "text", read: (_, content) => graphOf(content, graphErrorCodes) },
  body: { kind: "text", read: (_, content) => (content === null ? [] : bodies(content)) },
};

/** Aliases from other tools. */
const aliases: Readonly<Record<string, string>> = {
  handshake: "conv",
  direction: "dir",
  "token-service": "service",
  severity: "sev",
  duration: "dur",
  issuer: "iss",
  audience: "aud",
  meth: "method",
  st: "status",
};

export const filterFields: readonly string[] = [...Object.keys(fields), "header.NAME"];

const contentFields = /^(?:body|graph\.|header\.)/;

/** True for a field that needs the content of the request, not only its row. */
export function needsContent(name: string): boolean {
  return contentFields.test(name);
}

/** The field of that name, in any letter case; null when there is none. */
export function findField(name: string): Field | null {
  if (/^header\.[!#$%&'*+.^_`|~\w-]{1,64}$/.test(name)) return headerField(name.slice("header.".length));
  const known = Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
  return Object.hasOwn(fields, known) ? (fields[known] ?? null) : null;
}

function headerField(name: string): Field {
  return {
    kind: "text",
    read(_, content) {
      if (content === null) return [];
      const all = [...content.request.headers, ...(content.response?.headers ?? [])];
      return all.filter(([candidate]) => candidate.toLowerCase() === name).map(([, value]) => value);
    },
  };
}

function bodies({ request, response }: HttpTransaction): readonly string[] {
  const limit = 65_536;
  return [bodyText(request.body, limit), response === null ? "" : bodyText(response.body, limit)].filter(
    (text) => text !== "",
  );
}

/** A value of a request to Microsoft Graph; empty for any other host. */
function graphOf(content: FilterContent, read: (facts: GraphFacts) => readonly string[]): readonly string[] {
  return content === null || microsoftHost(content.host)?.service !== "graph" ? [] : read(readGraph(content).facts);
}
