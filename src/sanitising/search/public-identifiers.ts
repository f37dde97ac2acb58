// Public text that looks random: ids and certificates that the search must not report.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { LogRow } from "../../core/log-row.ts";
import { bodyText } from "../../decoders/body-text.ts";
import { idFields } from "../safe-headers.ts";
import type { Redacted } from "../sanitise.ts";
import { textWithDecodedTokens, withDecodedSegments } from "./decoded-text.ts";

const run = /[A-Za-z0-9+/_-]{32,}={0,2}/g;
const keyId = /"(?:kid|x5t|x5t#S256)"\s{0,4}:\s{0,4}"([^"]{32,128})"/g;
const keySet = /"keys"\s{0,8}:\s{0,8}\[/i;
const limit = 20_000;

/** True for the JSON of a key set or a metadata document, whose keys are public. */
export function isKeySet(text: string): boolean {
  return keySet.test(text);
}

/** Collects public identifiers from the safe copy: ids of requests, names of keys, certificates of token services. */
export class PublicIdentifiers {
  readonly #found = new Set<string>();

  add(event: Redacted<CaptureEvent>): void {
    if (event.kind === "signature") this.#addRuns(event.check.keyId);
    if (event.kind === "log-row") this.#addRow(event.row);
    if (event.kind !== "transaction") return;
    const { request, response } = event.transaction;
    for (const [name, value] of [...request.headers, ...(response?.headers ?? [])]) {
      if (idFields.has(name.toLowerCase())) this.#addRuns(value);
    }
    for (const [, id = ""] of textWithDecodedTokens(event.transaction).matchAll(keyId)) this.#addRuns(id);
    const answer = response === null ? "" : bodyText(response.body, 1024 * 1024);
    if (isKeySet(answer)) this.#addRuns(answer);
  }

  #addRow({ printedToken, certificate }: LogRow): void {
    if (certificate !== undefined) this.#addRuns(certificate);
    const text = withDecodedSegments(printedToken ?? "");
    for (const [, id = ""] of text.matchAll(keyId)) this.#addRuns(id);
  }

  has(text: string): boolean {
    return this.#found.has(text);
  }

  #addRuns(text: string): void {
    for (const [found] of text.matchAll(run)) if (this.#found.size < limit) this.#found.add(found);
  }
}
