import { html, type Markup, nothing } from "./html-text.ts";
import type { ReportRow } from "./report-facts.ts";

export interface RowLinks {
  /** At most `limit` ids as links to their rows in the timeline; an id without a row is plain text. */
  list(ids: readonly string[], limit: number): Markup;
  /** The anchor of a row. */
  anchor(index: number): string;
}

export function rowLinks(rows: readonly ReportRow[]): RowLinks {
  const places = new Map(rows.map(({ id }, index) => [id, index]));
  const anchor = (index: number): string => `r${index}`;
  return {
    anchor,
    list(ids, limit) {
      const shown = ids.slice(0, limit).map((id) => {
        const index = places.get(id);
        return index === undefined
          ? html`<code>${id}</code> `
          : html`<a href="#${anchor(index)}"><code>${id}</code></a> `;
      });
      const more = ids.length - limit;
      return html`${shown}${more > 0 ? html`and ${more} more` : nothing}`;
    },
  };
}
