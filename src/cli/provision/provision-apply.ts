// `provision apply`, and the parts of a run that `resume`, `undo`, the wizard and the demo share.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type ProvisionOptions, readAnswers } from "../../app/setup/answers.ts";
import { writeBundle } from "../../app/setup/bundle.ts";
import { type Provisioning, warn } from "../../app/setup/open-provisioning.ts";
import { checkRunsFolder, journalPath, newRunId, runFolder } from "../../app/setup/run-folder.ts";
import { toolVersion } from "../../app/version.ts";
import { safeJson } from "../../core/safe-json.ts";
import { ToolError } from "../../core/tool-error.ts";
import { applyPlan, refuseBlocked } from "../../provisioning/engine/apply-plan.ts";
import { itemsOf, type Plan } from "../../provisioning/engine/plan.ts";
import { readPlan, refuseForeignPlan } from "../../provisioning/engine/plan-file.ts";
import type { Run, RunResult } from "../../provisioning/engine/run.ts";
import { openIntents, openRunJournal } from "../../provisioning/engine/run-journal.ts";
import { planUndo, undoRun } from "../../provisioning/engine/undo-run.ts";
import { type Verification, verify } from "../../provisioning/engine/verify.ts";
import { hideIn } from "../../provisioning/model/hide-secrets.ts";
import type { Consent, Observations } from "../../provisioning/model/step.ts";
import type { Reason } from "../../provisioning/model/stop.ts";
import { Stop } from "../../provisioning/model/stop.ts";
import { wantsScreen } from "../views/choose-view.ts";
import { askToContinue, gatherConsents, isTerminal } from "./consent.ts";
import { exitCodeOfPlan, exitCodeOfRun, printReason, withExitCodes } from "./provision-exit.ts";
import { refuseCheckedOnly } from "./provision-gates.ts";
import { printPlan, readAndPlan } from "./provision-plan.ts";
import { createProgressPrinter, renderVerdict, renderVerification } from "./provision-text.ts";
import { lockRun, watchInterruption } from "./run-guard.ts";
import { withProvisioning } from "./with-provisioning.ts";

export interface ApplyOptions extends ProvisionOptions {
  readonly plan?: string | undefined;
  readonly yes?: true | undefined;
  readonly tui?: true | undefined;
  readonly allowCreateServicePrincipal?: true | undefined;
  readonly allowRemoveLegacy?: true | undefined;
  readonly allowDestructive?: true | undefined;
  readonly undoOnFailure?: true | undefined;
  readonly besideOtherRun?: true | undefined;
}

/** Plans or reads a saved plan, asks for consent, applies, verifies. Gives an exit code of `provisionExit`. */
export function runApply(options: ApplyOptions): Promise<number> {
  return withExitCodes(async () => {
    await refuseCheckedOnly(options);
    checkRunsFolder();
    const answered = options.plan === undefined ? options : await withPlansProfile(options, options.plan);
    return withProvisioning(answered, (provisioning) => planAndApply(provisioning, answered));
  });
}

/** As `runApply`, with halves that are already open; the wizard and the demo call it. */
export async function planAndApply(provisioning: Provisioning, options: ApplyOptions): Promise<number> {
  const { plan: fresh, observations } = await readAndPlan(provisioning);
  const plan = options.plan === undefined ? fresh : savedPlan(options.plan, provisioning);
  if (options.plan === undefined && options.json !== true) printUnlessQuiet(plan, provisioning, options);
  if (plan.blockers.length > 0) {
    refuseBlocked(plan);
  }
  if (itemsOf(plan).length === 0) return verifyAndFinish(provisioning, options, { id: null, result: emptyResult });
  // A saved plan was agreed to when it was made; a new one is agreed to here.
  if (options.plan === undefined && options.yes !== true && options.json === true)
    printPlan(plan, options, provisioning);
  const isAgreed = options.plan !== undefined || (await askToContinue("Make these changes?", options.yes === true));
  if (!isAgreed) return exitCodeOfPlan(plan);
  return applyAgreedPlan(plan, observations, provisioning, options);
}

/** Nobody is asked to agree to a plan that --quiet hides. */
function printUnlessQuiet(plan: Plan, provisioning: Provisioning, options: ApplyOptions): void {
  const isAsked = itemsOf(plan).length > 0 && options.yes !== true && isTerminal();
  if (options.quiet !== true || isAsked) printPlan(plan, {}, provisioning);
}

/** The options with the profile of a saved plan, its names and what it leaves out, where neither a flag nor the configuration gives them. */
async function withPlansProfile(options: ApplyOptions, path: string): Promise<ApplyOptions> {
  const answers = await readAnswers(options);
  const { profile, names, without = [] } = readSavedPlan(path).settings;
  return {
    ...options,
    profile: answers.profile ?? profile,
    without: answers.without ?? without.join(","),
    name: Object.keys(answers.names).length > 0 ? options.name : Object.entries(names).map((pair) => pair.join("=")),
  };
}

const emptyResult: RunResult = { how: "finished", reason: null, done: [], unconfirmed: [] };

function savedPlan(path: string, { settings }: Provisioning): Plan {
  const plan = readSavedPlan(path);
  refuseForeignPlan(plan, settings, { tool: toolVersion(), path });
  return plan;
}

function readSavedPlan(path: string): Plan {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new ToolError("unreadable-file", `The plan ${JSON.stringify(path)} cannot be read.`, {
      hint: "Make one with `realmscope provision plan --out FILE`.",
      cause,
    });
  }
  return readPlan(text, path);
}

async function applyAgreedPlan(
  plan: Plan,
  observations: Observations,
  provisioning: Provisioning,
  options: ApplyOptions,
): Promise<number> {
  const consents = await gatherConsents(itemsOf(plan), consentsFromFlags(options));
  const id = newRunId(provisioning.ports.now());
  const result = await withRun(provisioning, options, { id, consents }, async (run) => {
    const applied = await applyWithProgress(plan, run, { provisioning, options });
    return options.undoOnFailure === true ? undoStopped(applied, run) : applied;
  });
  if (result.how !== "finished") writeBundleForCloudHalf(runFolder(id, provisioning.root), observations, result);
  return verifyAndFinish(provisioning, options, { id, result });
}

/** Applies the plan and shows the steps in the screen with --tui, else as lines. */
async function applyWithProgress(
  plan: Plan,
  run: Run,
  { provisioning, options }: { readonly provisioning: Provisioning; readonly options: ApplyOptions },
): Promise<RunResult> {
  if (options.tui !== true || !wantsScreen(options)) return applyPlan(plan, run);
  const { openSetupScreen } = await import("./setup-screen.ts");
  const screen = await openSetupScreen(itemsOf(plan), options, {
    hide: (text) => provisioning.secrets.hide(text),
    // As Ctrl-C: the current call ends, then the run.
    stop: () => void process.kill(process.pid, "SIGINT"),
  });
  try {
    return await applyPlan(plan, { ...run, onEvent: screen.onEvent });
  } finally {
    await screen.ended();
  }
}

/**
 * Undoes what a stopped run changed, unless the effect of its last change is unknown: that change has no receipt, so `resume`
 * must read the state first. Gives the result of the run, which stays a failure.
 */
async function undoStopped(result: RunResult, run: Run): Promise<RunResult> {
  if (result.how !== "stopped") return result;
  const entries = run.journal.entries();
  if (openIntents(entries).length > 0) {
    warn("Nothing is undone: it is unknown whether the last change was made. `realmscope provision resume` finds out.");
    return result;
  }
  const undone = await undoRun(planUndo(entries, run.steps), run);
  if (undone.reason === null) warn("The changes of the run were undone, except those reported as skipped.");
  else warn(`The undo stopped (${undone.reason.code}): ${undone.reason.message} ${undone.reason.hint}`);
  return undone.done.length === 0 || result.reason === null
    ? result
    : { ...result, reason: withApplyHint(result.reason) };
}

/** An undone run cannot be resumed, so the hint names `apply`. */
function withApplyHint(reason: Reason): Reason {
  return { ...reason, hint: reason.hint.replaceAll("`realmscope provision resume`", "`realmscope provision apply`") };
}

/** The consents given by flags. */
export function consentsFromFlags(options: ApplyOptions): ReadonlySet<Consent> {
  const consents = new Set<Consent>();
  if (options.allowCreateServicePrincipal === true) consents.add("create-service-principal");
  if (options.allowRemoveLegacy === true) consents.add("remove-legacy");
  if (options.allowDestructive === true) consents.add("destructive");
  return consents;
}

/** Runs `act` with the lock, the journal and the Ctrl-C handling of a run. */
export async function withRun(
  provisioning: Provisioning,
  options: ApplyOptions,
  { id, consents }: { readonly id: string; readonly consents: ReadonlySet<Consent> },
  act: (run: Run) => Promise<RunResult>,
): Promise<RunResult> {
  const { ports, steps, secrets, actors } = provisioning;
  const hide = (text: string): string => secrets.hide(text);
  const lock = lockRun(provisioning.root, id, options.besideOtherRun === true);
  const interruption = watchInterruption(provisioning.cancel);
  const journal = openRunJournal(journalPath(id, provisioning.root), { now: ports.now, hide });
  try {
    return await act({
      tool: toolVersion(),
      steps,
      ports,
      journal: provisioning.notes.journalWithNotes(journal),
      consents,
      actors: actors(),
      onEvent: createProgressPrinter(options, hide),
      isInterrupted: interruption.isInterrupted,
    });
  } finally {
    journal.close();
    // Refused before its first entry: the folder of the run is not kept.
    if (journal.entries().length === 0) rmSync(runFolder(id, provisioning.root), { recursive: true, force: true });
    interruption.release();
    lock.release();
  }
}

/** When Graph refuses, writes the certificates to a bundle, with which another account can do the cloud half. */
function writeBundleForCloudHalf(folder: string, observations: Observations, { reason }: RunResult): void {
  if (reason?.code !== "graph-forbidden") return;
  const path = join(folder, "bundle.json");
  if (tryWriteBundle(path, observations)) {
    warn(
      `The certificates for the cloud half are in ${path}: run \`realmscope provision apply --only cloud --bundle FILE\` with an account that may, or write the steps for a person with \`realmscope provision script\`.`,
    );
  }
}

function tryWriteBundle(path: string, observations: Observations): boolean {
  try {
    return writeBundle(path, observations);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    warn(`${error.message} ${error.hint}`);
    return false;
  }
}

/** Verifies a finished run, records the verdict in its journal, and prints the result. Gives the exit code. */
export async function verifyAndFinish(
  provisioning: Provisioning,
  options: ApplyOptions,
  { id, result }: { readonly id: string | null; readonly result: RunResult },
): Promise<number> {
  const verification: Verification | null =
    result.how === "finished" ? await verify(provisioning.steps, provisioning.ports, { tool: toolVersion() }) : null;
  if (id !== null && verification !== null) recordVerdict(provisioning, id, verification);
  const code = exitCodeOfRun(result, verification);
  const { newPlan: _printed, ...facts } = result;
  if (options.json === true) {
    process.stdout.write(
      `${safeJson(hideIn({ event: "end", ...facts, verification, exitCode: code }, provisioning.secrets.hide))}\n`,
    );
  } else if (verification !== null) {
    const render = options.quiet === true ? renderVerdict : renderVerification;
    process.stdout.write(provisioning.secrets.hide(render(verification)));
  }
  if (result.reason !== null)
    printReason({ ...result.reason, message: provisioning.secrets.hide(result.reason.message) });
  if (result.how === "interrupted")
    warn("Interrupted; the journal is whole. `realmscope provision resume` continues the run.");
  return code;
}

function recordVerdict({ ports, secrets, root }: Provisioning, id: string, { verdict, rows }: Verification): void {
  const failed = rows.filter((row) => row.verdict === "failed" || row.verdict === "unverified").map((row) => row.id);
  try {
    const journal = openRunJournal(journalPath(id, root), { now: ports.now, hide: (text) => secrets.hide(text) });
    try {
      journal.write({ kind: "verdict", verdict, failed });
    } finally {
      journal.close();
    }
  } catch (error) {
    // The changes are in the journal already; only the verdict is missing.
    if (!(error instanceof Stop) && !(error instanceof ToolError)) throw error;
    warn(`The verdict was not recorded with the run. ${error.message}`);
  }
}
