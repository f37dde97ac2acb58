import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ProvisionOptions } from "../../app/setup/answers.ts";
import { writeBundle } from "../../app/setup/bundle.ts";
import { type Provisioning, warn } from "../../app/setup/open-provisioning.ts";
import { checkRunsFolder, journalPath, lockPath, newRunId, runFolder } from "../../app/setup/run-folder.ts";
import { toolVersion } from "../../app/version.ts";
import { safeJson } from "../../core/safe-json.ts";
import { ToolError } from "../../core/tool-error.ts";
import { applyPlan, refuseBlocked } from "../../provisioning/engine/apply-plan.ts";
import { itemsOf, type Plan } from "../../provisioning/engine/plan.ts";
import { readPlan, refuseForeignPlan } from "../../provisioning/engine/plan-file.ts";
import type { Run, RunResult } from "../../provisioning/engine/run.ts";
import { openIntents, openRunJournal } from "../../provisioning/engine/run-journal.ts";
import { lockRuns } from "../../provisioning/engine/run-lock.ts";
import { planUndo, undoRun } from "../../provisioning/engine/undo-run.ts";
import { type Verification, verify } from "../../provisioning/engine/verify.ts";
import { hideIn } from "../../provisioning/model/hide-secrets.ts";
import type { Consent, Observations } from "../../provisioning/model/step.ts";
import type { Reason } from "../../provisioning/model/stop.ts";
import { Stop } from "../../provisioning/model/stop.ts";
import { wantsScreen } from "../views/choose-view.ts";
import { askToGoOn, gatherConsents } from "./consent.ts";
import { exitOfPlan, exitOfRun, provisionExit, sayReason, withExits } from "./provision-exit.ts";
import { planNow, showPlan } from "./provision-plan.ts";
import { progressTeller, renderVerification } from "./provision-text.ts";
import { withProvisioning } from "./with-provisioning.ts";

export interface ApplyOptions extends ProvisionOptions {
  readonly plan?: string | undefined;
  readonly yes?: true | undefined;
  readonly tui?: true | undefined;
  readonly allowCreateServicePrincipal?: true | undefined;
  readonly allowRemoveLegacy?: true | undefined;
  readonly allowDestructive?: true | undefined;
  readonly undoOnFailure?: true | undefined;
}

/** Plans (or takes a saved plan), asks, applies, verifies. Gives the exit codes of the contract. */
export function runApply(options: ApplyOptions): Promise<number> {
  return withExits(() => {
    checkRunsFolder();
    return withProvisioning(options, (opened) => planAndApply(opened, options));
  });
}

/** The same with halves that are open already: the wizard and the demo come this way. */
export async function planAndApply(opened: Provisioning, options: ApplyOptions): Promise<number> {
  const { plan: fresh, seen } = await planNow(opened);
  const plan = options.plan === undefined ? fresh : savedPlan(options.plan, opened);
  if (options.plan === undefined && options.quiet !== true && options.json !== true) showPlan(plan, options, opened);
  if (plan.blockers.length > 0) {
    refuseBlocked(plan);
  }
  if (itemsOf(plan).length === 0) return finish(opened, options, { id: null, result: emptyResult });
  // A saved plan was looked at before; one that was just made is agreed to here.
  if (options.plan === undefined && options.yes !== true && options.json === true) showPlan(plan, options, opened);
  const isAgreed = options.plan !== undefined || (await askToGoOn("Make these changes?", options.yes === true));
  if (!isAgreed) return exitOfPlan(plan);
  return applyAgreedPlan(plan, seen, opened, options);
}

const emptyResult: RunResult = { how: "finished", reason: null, done: [], unconfirmed: [] };

function savedPlan(path: string, { settings }: Provisioning): Plan {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new ToolError("unreadable-file", `The plan ${JSON.stringify(path)} cannot be read.`, {
      hint: "Make one with `realmscope provision plan --out FILE`.",
      cause,
    });
  }
  const plan = readPlan(text, path);
  refuseForeignPlan(plan, settings, { tool: toolVersion(), path });
  return plan;
}

async function applyAgreedPlan(
  plan: Plan,
  seen: Observations,
  opened: Provisioning,
  options: ApplyOptions,
): Promise<number> {
  const consents = await gatherConsents(itemsOf(plan), consentsOf(options));
  const id = newRunId(opened.world.now());
  const result = await withRun(opened, options, { id, consents }, async (run) => {
    const applied = await applyWithProgress(plan, run, { opened, options });
    return options.undoOnFailure === true ? undoStopped(applied, run) : applied;
  });
  if (result.how !== "finished") leaveBundle(runFolder(id, opened.root), seen, result);
  return finish(opened, options, { id, result });
}

/** Applies with the steps in the screen where that was asked for, else with lines. */
async function applyWithProgress(
  plan: Plan,
  run: Run,
  { opened, options }: { readonly opened: Provisioning; readonly options: ApplyOptions },
): Promise<RunResult> {
  if (options.tui !== true || !wantsScreen(options)) return applyPlan(plan, run);
  const { openSetupScreen } = await import("./setup-screen.ts");
  const screen = await openSetupScreen(itemsOf(plan), options, {
    hide: (text) => opened.secrets.hide(text),
    // As Ctrl-C does: the call under way ends, then the run.
    stop: () => void process.kill(process.pid, "SIGINT"),
  });
  try {
    return await applyPlan(plan, { ...run, onEvent: screen.onEvent });
  } finally {
    await screen.ended();
  }
}

/** Consents that flags give. */
export function consentsOf(options: ApplyOptions): ReadonlySet<Consent> {
  const consents = new Set<Consent>();
  if (options.allowCreateServicePrincipal === true) consents.add("create-service-principal");
  if (options.allowRemoveLegacy === true) consents.add("remove-legacy");
  if (options.allowDestructive === true) consents.add("destructive");
  return consents;
}

/** Lock, journal and Ctrl-C around something that changes. */
export async function withRun(
  opened: Provisioning,
  options: ApplyOptions,
  { id, consents }: { readonly id: string; readonly consents: ReadonlySet<Consent> },
  act: (run: Run) => Promise<RunResult>,
): Promise<RunResult> {
  const { world, steps, secrets, actors } = opened;
  const hide = (text: string): string => secrets.hide(text);
  const lock = lockRuns(lockPath(opened.root), id);
  const interruption = watchInterruption(opened.cancel);
  const journal = openRunJournal(journalPath(id, opened.root), { now: world.now, hide });
  try {
    return await act({
      tool: toolVersion(),
      steps,
      ports: world,
      journal: opened.notes.kept(journal),
      consents,
      actors: actors(),
      onEvent: progressTeller(options, hide),
      isInterrupted: interruption.isInterrupted,
    });
  } finally {
    journal.close();
    // Refused before its beginning: there was no run.
    if (journal.entries().length === 0) rmSync(runFolder(id, opened.root), { recursive: true, force: true });
    interruption.release();
    lock.release();
  }
}

/** The cloud refused: somebody else may do that half with what is known of this one. */
function leaveBundle(folder: string, seen: Observations, { reason }: RunResult): void {
  if (reason?.code !== "graph-forbidden") return;
  const path = join(folder, "bundle.json");
  if (keepBundle(path, seen)) {
    warn(
      `The certificates for the cloud half are in ${path}: run \`realmscope provision apply --only cloud --bundle FILE\` with an account that may, or write the steps for a person with \`realmscope provision script\`.`,
    );
  }
}

function keepBundle(path: string, seen: Observations): boolean {
  try {
    return writeBundle(path, seen);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    warn(`${error.message} ${error.hint}`);
    return false;
  }
}

/** Verifies what was finished, keeps the verdict with the run, and says how it ended. */
export async function finish(
  opened: Provisioning,
  options: ApplyOptions,
  { id, result }: { readonly id: string | null; readonly result: RunResult },
): Promise<number> {
  const verification: Verification | null =
    result.how === "finished" ? await verify(opened.steps, opened.world, { tool: toolVersion() }) : null;
  if (id !== null && verification !== null) keepVerdict(opened, id, verification);
  const code = exitOfRun(result, verification);
  const { newPlan: _shown, ...told } = result;
  if (options.json === true) {
    process.stdout.write(
      `${safeJson(hideIn({ event: "end", ...told, verification, exitCode: code }, opened.secrets.hide))}\n`,
    );
  } else if (verification !== null && options.quiet !== true) {
    process.stdout.write(opened.secrets.hide(renderVerification(verification)));
  }
  if (result.reason !== null) sayReason({ ...result.reason, message: opened.secrets.hide(result.reason.message) });
  if (result.how === "interrupted") warn("Interrupted; the journal is whole. `realmscope provision resume` goes on.");
  return code;
}

function keepVerdict({ world, secrets, root }: Provisioning, id: string, { verdict, rows }: Verification): void {
  const failed = rows.filter((row) => row.verdict !== "ok").map((row) => row.id);
  try {
    const journal = openRunJournal(journalPath(id, root), { now: world.now, hide: (text) => secrets.hide(text) });
    try {
      journal.write({ kind: "verdict", verdict, failed });
    } finally {
      journal.close();
    }
  } catch (error) {
    // The run is over and its changes are written down: only this line is missing.
    if (!(error instanceof Stop) && !(error instanceof ToolError)) throw error;
    warn(`The verdict is not kept with the run. ${error.message}`);
  }
}

export interface Interruption {
  readonly isInterrupted: () => boolean;
  release(): void;
}

/** The first Ctrl-C lets the call under way end and stops then; the second kills the shell and ends at once. */
function watchInterruption(cancel: () => Promise<void>): Interruption {
  let count = 0;
  const onSignal = (): void => {
    count += 1;
    if (count === 1) process.stderr.write("Stopping after the call under way; press Ctrl-C again to stop at once.\n");
    else void cancel().finally(() => process.exit(provisionExit.interrupted));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    isInterrupted: () => count > 0,
    release() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}

/** A run that was taken back cannot be gone on with: what its reason advises is done by a new one. */
function anew(reason: Reason): Reason {
  return { ...reason, hint: reason.hint.replaceAll("`realmscope provision resume`", "`realmscope provision apply`") };
}

/**
 * Takes back what a run that stopped had changed. Not when the effect of its last change is unknown: what may be there
 * has no receipt, so `resume` must look first. Gives the result of the run; it stays a failure.
 */
async function undoStopped(result: RunResult, run: Run): Promise<RunResult> {
  if (result.how !== "stopped") return result;
  const entries = run.journal.entries();
  if (openIntents(entries).length > 0) {
    warn("Nothing is taken back: it is unknown whether the last change was made. `realmscope provision resume` looks.");
    return result;
  }
  const undone = await undoRun(planUndo(entries, run.steps), run);
  if (undone.reason === null) warn("What the run had changed was taken back, but for what is told as skipped.");
  else warn(`Taking back stopped (${undone.reason.code}): ${undone.reason.message} ${undone.reason.hint}`);
  return undone.done.length === 0 || result.reason === null ? result : { ...result, reason: anew(result.reason) };
}
