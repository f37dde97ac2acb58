// `docs/clients.md`: what a run of the matrix shows, as a table.
import type { Difference } from "./answers.ts";
import type { Client } from "./client.ts";
import { type Cell, callsOf, modes, type Row } from "./matrix.ts";

/** A cell of the table: short, and the same from run to run. */
function cellText(client: Client, cell: Cell | null): string {
  if (cell === null) return "–";
  const notable = cell.differences.filter(({ kind }) => kind !== "exit" || cell.differences.length === 1);
  if (notable.length === 0) return "same";
  const failing = callsOf(client).map(({ name }) =>
    notable.some(({ call, kind }) => call === name && kind === "fails"),
  );
  const first = failing.includes(false) ? failing.indexOf(false) : failing.length;
  const later = failing.slice(first).includes(true);
  const rest = notable.filter(({ kind }) => kind !== "fails");
  const texts: string[] = [];
  if (first === failing.length) texts.push("all calls fail");
  else if (later) texts.push(`${failing.filter(Boolean).length} of ${failing.length} calls fail`);
  // Three, and one more where a program opens its next connection before it has closed the last.
  else if (first > 4) texts.push(`the first ${first} calls fail`);
  else if (first > 0) texts.push("the first calls fail");
  if (first > 0 && first < failing.length && !later && rest.length === 0) texts.push("then same");

  return [...texts, ...wordsOf(rest)].join(", ");
}

/** Each kind of difference once: eight calls with the same one are one fact. */
function wordsOf(found: readonly Difference[]): readonly string[] {
  return [
    ...new Set(found.map(({ call, kind, text }) => (kind === "version" || call === null ? text : `${call}: ${text}`))),
  ];
}

export function tableRow({ client, cells }: Row): string {
  return `| ${[client.name, ...modes.map((mode) => cellText(client, cells[mode]))].join(" | ")} |`;
}

/** The rows of a committed page, by the name of the client. */
export function rowsOfPage(page: string): ReadonlyMap<string, string> {
  return new Map([...page.matchAll(/^\| ([^|]+) \|.*\|$/gm)].map(([row, name = ""]) => [name, row] as const));
}

export function renderPage(rows: readonly Row[], missing: readonly Client[], date: string): string {
  // One line for each library: its other clients differ in options alone.
  const versions = new Map<string, string>();
  for (const { client } of rows) {
    const version = `${client.version} (${client.tls})`;
    if (!versions.has(version)) versions.set(version, client.name);
  }
  return [
    "# Clients through `watch`, compared with direct",
    "",
    `Written by \`npm run clients\` on ${date}, from a run with:`,
    "",
    ...[...versions].map(([version, name]) => `- ${name} ${version}`),
    ...(missing.length === 0 ? [] : ["", `Not on that machine: ${missing.map(({ name }) => name).join(", ")}.`]),
    "",
    introduction,
    "",
    `| Client | ${modes.join(" | ")} |`,
    `|---|${modes.map(() => "---|").join("")}`,
    ...rows.map(tableRow),
    "",
    explanation,
    "",
  ].join("\n");
}

const introduction = `Each program makes eight calls to a server on this machine, first directly and then through \`realmscope watch\`: GET with
repeated fields, 401 with three challenges, a gzip body, 1 MB in chunks, POST of 100 KB, a redirect, HEAD and 404 (Chromium and
\`openssl\` four or five of them). Compared are the exit status of the program, HTTP version, status, header fields with their order
and case as far as the program shows them, the hash of the body, and whether the calls together take less than 15 seconds. "same"
means that all of it is equal. For \`http://\` the fields of one hop (RFC 9110 7.6.1) are left out. \`npm test\` repeats the run with
the programs that it finds, and compares it with this table.`;

const explanation = `## What differs, and why

- **HTTP/1.1 in place of HTTP/2:** the proxy offers HTTP/1.1 alone to both sides ([decision 0030](decisions/0030-http2-passes-unread.md)). A program
  that offers both uses HTTP/1.1; status and body are the same. Out of scope it keeps HTTP/2.
- **the first calls fail:** a program that does not trust the inspection CA cannot be read. It is reported at its first call with its
  address, the host and what its ClientHello tells of it; after three such connections those of this program to this host pass through
  unread for ten minutes, and get what they get without the proxy. (A program that opens its next connection before it has closed the
  last one fails once more.) Leave such a host out of \`--host\` to lose no call: [proxy.md](proxy.md#what-is-intercepted).
- **Programs that accept HTTP/2 alone** (\`node:http2\`, .NET with \`RequestVersionExact\`, gRPC) pass through unread from their first
  connection on, with HTTP/2: the same as directly, and reported.
- **Clients that are not in the table:** PowerShell 7 is .NET's HttpClient, Windows PowerShell 5.1 and Exchange Server are .NET Framework over
  SChannel, which exists on Windows alone and was not measured here.`;
