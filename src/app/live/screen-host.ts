// Answers what screens request of a live capture.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { LogRow } from "../../core/log-row.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { FilterSubject } from "../../filter/subject.ts";
import { type Pseudonymise, sanitiseTransaction } from "../../sanitising/sanitise.ts";
import { withoutPasswords } from "../../sanitising/search/without-passwords.ts";
import type { ScreenHost } from "../../tui/link/screen-link.ts";
import type { LogDetail } from "../../tui/model/messages.ts";
import type { Configuration } from "../configuration.ts";
import { exportRows } from "../hand-over/export-rows.ts";
import { readLogLines } from "../reading/log-lines.ts";
import type { LogPlace } from "../safe-change.ts";
import { type ContentSearch, startContentSearch } from "./content-search.ts";
import { startRecentTransactions } from "./recent-transactions.ts";

export interface LiveHostOptions extends Pick<ScreenHost, "title" | "mode" | "settings" | "stop"> {
  readonly analysis: () => Analysis;
  readonly pseudonymise: Pseudonymise;
  readonly configuration: Configuration;
}

/** A row with what shows it; `place` is that of a row of a log. */
interface ShownRow {
  readonly subject: FilterSubject;
  readonly place: LogPlace | null;
}

export interface LiveHost {
  readonly host: ScreenHost;
  /** Keeps the transaction or the sanitised row of a log for a while, so that screens can request it. */
  accept(event: CaptureEvent, change: ShownRow, isWatched: boolean): void;
}

/** How much is kept while a screen is open, and while none is: one may be attached. */
const watchedLimit = { count: 2000, bytes: 32 * 1024 * 1024 };
const unwatchedLimit = { count: 100, bytes: 2 * 1024 * 1024 };

export function startLiveHost(options: LiveHostOptions): LiveHost {
  const { title, mode, settings, stop, analysis, pseudonymise, configuration } = options;
  const recent = startRecentTransactions();
  const rows = new Map<string, { readonly row: LogRow; readonly place: LogPlace }>();
  const searches = new Set<ContentSearch>();
  const detail: ScreenHost["detail"] = (id) => {
    const transaction = recent.get(id);
    return Promise.resolve(transaction === null ? null : sanitiseTransaction(transaction, pseudonymise));
  };
  const logDetail = async (id: string): Promise<LogDetail | null> => {
    const found = rows.get(id);
    if (found === undefined) return null;
    const { row, place } = found;
    return { row, file: place.file, lines: await readLogLines(place, pseudonymise) };
  };
  return {
    host: {
      title,
      mode,
      settings,
      stop,
      analysis,
      detail,
      logDetail,
      unmasked(id) {
        const transaction = recent.get(id);
        return transaction === null ? null : withoutPasswords(transaction);
      },
      search(text, found) {
        const search = startContentSearch(text, recent, found);
        searches.add(search);
        return {
          stop() {
            search.stop();
            searches.delete(search);
          },
        };
      },
      exportRows: (wish) => exportRows(wish, { detail, logDetail, pseudonymise, configuration }),
    },
    accept(event, { subject, place }, isWatched) {
      if (event.kind === "log-row" && place !== null) {
        rows.delete(event.row.id);
        rows.set(event.row.id, { row: event.row, place });
        const [oldest] = rows.size > watchedLimit.count ? rows.keys() : [];
        if (oldest !== undefined) rows.delete(oldest);
      }
      if (event.kind !== "transaction") return;
      const { transaction } = event;
      recent.add({ subject, transaction }, isWatched ? watchedLimit : unwatchedLimit);
      for (const search of searches) search.accept({ subject, transaction });
    },
  };
}
