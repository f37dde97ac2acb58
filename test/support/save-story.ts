import { pseudonymsFromKey } from "../../src/app/pseudonyms.ts";
import type { CaptureEvent } from "../../src/core/capture-event.ts";
import { sanitiseEvent } from "../../src/sanitising/sanitise.ts";
import { openJournal } from "../../src/sinks/journal/journal.ts";
import type { FindingCase } from "../diagnosis/cases/finding-case.ts";
import { newStory } from "../diagnosis/story.ts";

/** The events of a case, with running ids. */
export function eventsOf(one: FindingCase): readonly CaptureEvent[] {
  const transaction = newStory();
  return one.story.map((step) => ("kind" in step ? step : { kind: "transaction", transaction: transaction(step) }));
}

/** Saves events as a live run does: made safe, in a journal. */
export async function saveStory(events: readonly CaptureEvent[], path: string): Promise<void> {
  const pseudonymise = pseudonymsFromKey(new Uint8Array(32));
  const journal = openJournal(path, { tool: "0.1.0" });
  for (const event of events) journal.write(sanitiseEvent(event, pseudonymise));
  await journal.close();
}
