import type { Provisioning } from "../../app/setup/open-provisioning.ts";
import { checkRunsFolder, findRun, journalPath } from "../../app/setup/run-folder.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { planOfRun, readRunJournal } from "../../provisioning/engine/run-journal.ts";
import { planUndo, type UndoStep, undoRun } from "../../provisioning/engine/undo-run.ts";
import { callText } from "../../provisioning/graph/graph-call-text.ts";
import { stepsFor } from "../../provisioning/steps/all-steps.ts";
import { askToContinue, gatherConsents, isTerminal } from "./consent.ts";
import { type ApplyOptions, consentsFromFlags, withRun } from "./provision-apply.ts";
import { printReason, provisionExit, withExitCodes } from "./provision-exit.ts";
import { withProvisioning } from "./with-provisioning.ts";

export interface UndoOptions extends ApplyOptions {
  readonly run?: string | undefined;
}

/** Undoes what a run changed. Gives 0 also when changes were skipped; each is reported with its reason. */
export function runUndo(options: UndoOptions): Promise<number> {
  return withExitCodes(async () => {
    checkRunsFolder();
    const id = findRun(options.run);
    const entries = readRunJournal(journalPath(id));
    const { settings } = planOfRun(entries, journalPath(id));
    const undoSteps = planUndo(entries, stepsFor(settings));
    const isTakenBack = entries.some(({ kind }) => kind === "undo-receipt");
    show(undoSteps, isTakenBack, options);
    if (undoSteps.length === 0) return provisionExit.done;
    const isAgreed = await askToContinue(`Take back these ${undoSteps.length} changes?`, options.yes === true);
    if (!isAgreed) return provisionExit.pending;
    const consents = await gatherConsents(
      undoSteps.map((each) => each.undo),
      consentsFromFlags(options),
    );
    const undo = async (provisioning: Provisioning): Promise<number> => {
      const result = await withRun(provisioning, options, { id, consents }, (run) => undoRun(undoSteps, run));
      if (result.reason !== null)
        printReason({ ...result.reason, message: provisioning.secrets.hide(result.reason.message) });
      if (options.json === true) process.stdout.write(`${safeJson({ event: "end", ...result })}\n`);
      else process.stdout.write(`Taken back: ${result.done.length} of ${undoSteps.length} changes.\n`);
      if (result.how === "interrupted") return provisionExit.interrupted;
      return result.how === "finished" ? provisionExit.done : provisionExit.error;
    };
    return withProvisioning(options, undo, settings);
  });
}

function show(undoSteps: readonly UndoStep[], isTakenBack: boolean, options: UndoOptions): void {
  if (options.json === true) return;
  // Nobody is asked to agree to changes that --quiet hides.
  const isHidden = options.quiet === true && (options.yes === true || !isTerminal());
  if (isHidden && undoSteps.length > 0) return;
  const lines = undoSteps.flatMap(({ undo }) => [
    `- ${undo.title}`,
    `    ${callText(undo)}`,
    ...(undo.consent === null ? [] : [`    needs its own confirmation: --allow-${undo.consent}`]),
  ]);
  const nothing = isTakenBack
    ? "What this run changed was taken back before; nothing is left."
    : "This run changed nothing that can be taken back.";
  const text = lines.length === 0 ? [nothing] : lines;
  process.stdout.write(text.map((line) => `${safe(line)}\n`).join(""));
}
