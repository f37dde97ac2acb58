// A gate: one condition that the dedicated hybrid application needs, with the state that was read and the command that mends it.

import { ToolError } from "../../core/tool-error.ts";
import { quotePowerShell } from "../exchange/command-text.ts";
import { reasonOf } from "../exchange/exchange-errors.ts";
import { shellOf } from "../exchange/read-objects.ts";
import type { WireObject } from "../model/exchange-shell.ts";
import type { Ports } from "../model/step.ts";
import { type Reason, Stop } from "../model/stop.ts";

import { type GateId, gateTitles } from "./titles.ts";

/** `cannot tell`: it could not be read, or cannot be read from here; never the same as `missing`. */
export type GateState = "ok" | "missing" | "wrong" | "cannot tell";

export interface Gate {
  /** Stable, for scripts. */
  readonly id: GateId;
  readonly title: string;
  readonly state: GateState;
  /** What was read, one fact each; the reason where nothing could be read. */
  readonly evidence: readonly string[];
  /** The command that mends it, or that shows what cannot be read from here; null when nothing is to be done. */
  readonly command: string | null;
  /** True: explained only; does not count in the verdict. */
  readonly isGuide: boolean;
}

/** What one read gave: a failed read keeps its reason. */
export type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: Reason };

/** Runs a read; a Stop becomes its reason. */
export async function attempt<T>(read: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { ok: true, value: await read() };
  } catch (error) {
    if (error instanceof Stop) return { ok: false, reason: error.reason };
    throw error;
  }
}

/** Reads all objects of a Get- cmdlet. Without -Identity every error is a failed read, "not found" too. Throws Stop. */
export async function readAll(ports: Ports, cmdlet: string): Promise<readonly WireObject[]> {
  const { domainController } = ports.settings;
  const parameters = domainController === "" ? {} : { DomainController: domainController };
  const answer = await shellOf(ports).call(cmdlet, parameters);
  if (answer.ok) return answer.objects;
  throw new Stop(reasonOf(cmdlet, answer.error, domainController));
}

/** What a gate says: its state, the facts read, and the command. */
export interface Judged {
  readonly state: GateState;
  readonly evidence: readonly string[];
  readonly command: string | null;
}

/** Joins the id and title of a gate with what was judged. */
export function gate(id: GateId, judged: Judged, isGuide = false): Gate {
  return { id, title: gateTitles[id], ...judged, isGuide };
}

/** A gate whose read failed. `command` shows the state where it can be read. */
export function unread(reason: Reason, command: string | null = null): Judged {
  return { state: "cannot tell", evidence: [reason.message, reason.hint], command };
}

/** A name as a PowerShell literal; a placeholder for one that cannot stand in a command. */
export function quoted(name: string): string {
  try {
    return quotePowerShell(name);
  } catch (error) {
    if (error instanceof ToolError) return "<its name>";
    throw error;
  }
}

/** Makes the servers take a changed override at once instead of within an hour. */
export const refresh =
  "Get-ExchangeDiagnosticInfo -Process Microsoft.Exchange.Directory.TopologyService -Component VariantConfiguration -Argument Refresh";
