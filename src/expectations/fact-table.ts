// The list of facts in docs/expectations.md; a test holds the page equal to it.
import type { FactDefinition } from "./fact.ts";
import { leakKinds } from "./leak-facts.ts";
import { namedFacts } from "./vocabulary.ts";

const start = "<!-- facts: npm run schema -->";
const end = "<!-- end of facts -->";

/** The page with its list of facts rewritten. Throws when the page lacks the markers. */
export function withFactTable(page: string): string {
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error("docs/expectations.md has no place for the facts");
  return `${page.slice(0, from + start.length)}\n${renderTable()}\n${page.slice(to)}`;
}

function renderTable(): string {
  // The four places of a token have the same facts: those of the first are listed.
  const rows = namedFacts.filter(({ name }) => !/^(?:token\.actor|assertion|issued)\./.test(name)).map(rowOf);
  return [
    "| Fact | Type | Meaning |",
    "|---|---|---|",
    ...rows,
    "| `token.actor.…`, `assertion.…`, `issued.…` | as `token.…` | the actor token (nested, or alone in Authorization), the assertion of a token request, the issued token |",
    "| `finding.<code>` | flag | the finding is about this entry; codes of [findings.md](findings.md) in any spelling (`BASIC_FALLBACK`, `basic-fallback`) |",
    `| \`leak.<kind>\` | flag | the entry still holds such a secret: ${leakKinds.join(", ")} |`,
  ].join("\n");
}

function rowOf({ name, type, values, description }: FactDefinition): string {
  const words = description.replace(/^the token of Authorization: /, "");
  const isLong = name === "finding.code";
  const list = values === undefined || isLong ? "" : `: ${values.map((value) => `\`${value}\``).join(" ")}`;
  return `| \`${name}\` | ${type} | ${words}${list} |`;
}
