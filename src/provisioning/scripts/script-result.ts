// Reads the result file of an emitted script that a person has run.
import { createHash } from "node:crypto";
import { ToolError } from "../../core/tool-error.ts";
import type { WireError, WireObject } from "../model/exchange-shell.ts";
import { type ScriptSide, scriptSides } from "./script-text.ts";

/** `outcome`: `made` by this run, `waits` for an earlier step, `unknown` when it could not be read, and others. */
export interface ScriptOutcome {
  readonly stepId: string;
  readonly outcome: string;
  /** The object as the check read it last. */
  readonly facts: WireObject | null;
  readonly before: WireObject | null;
  /** Names of removed role entries, or ids of added keys. */
  readonly names: readonly string[];
  readonly error: WireError | null;
  /** Of a gate of a check-only script; empty otherwise. */
  readonly evidence: readonly string[];
  readonly command: string;
  /** A gate that is explained only and does not count. */
  readonly isGuide: boolean;
}

export interface ScriptResult {
  readonly side: ScriptSide;
  readonly planId: string;
  readonly startedAt: string;
  readonly host: string;
  readonly actor: string;
  readonly isCheckOnly: boolean;
  /** The script had not ended when it wrote this file. */
  readonly isRunning: boolean;
  readonly outcomes: readonly ScriptOutcome[];
  /** The public auth certificates that the Exchange script read; the bytes of each match its thumbprint. */
  readonly certificates: readonly { readonly use: string; readonly thumbprint: string; readonly der: string }[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Parses a result file. Throws ToolError for text that no script of this program wrote. */
export function readScriptResult(text: string): ScriptResult {
  const root = parse(text);
  if (root.format !== "realmscope-script-result") throw refusal("It is not the result of a realmscope script.");
  if (root.version !== 1)
    throw refusal(`It has version ${JSON.stringify(root.version)}; this program reads version 1.`);
  const side = scriptSides.find((one) => one === root.side);
  if (side === undefined || !Array.isArray(root.items)) throw refusal("It does not name its script, or has no steps.");
  return {
    side,
    planId: textOf(root.plan),
    startedAt: textOf(root.startedAt),
    host: textOf(root.host),
    actor: textOf(root.actor),
    isCheckOnly: root.checkOnly === true,
    isRunning: root.state === "running",
    outcomes: root.items.map(readOutcome),
    certificates: listOf(root.certificates).map(readCertificate),
  };
}

function readOutcome(value: unknown): ScriptOutcome {
  const fields = fieldsOf(value);
  if (fields === null || textOf(fields.stepId) === "") throw refusal("A step has no id.");
  const error = fieldsOf(fields.error);
  return {
    stepId: textOf(fields.stepId),
    outcome: textOf(fields.outcome),
    facts: fieldsOf(fields.facts) as WireObject | null,
    before: fieldsOf(fields.before) as WireObject | null,
    names: listOf(fields.names).filter((one) => typeof one === "string"),
    error: error === null ? null : readError(error),
    evidence: listOf(fields.evidence).filter((one) => typeof one === "string"),
    command: textOf(fields.command),
    isGuide: fields.isGuide === true,
  };
}

function readError(fields: Fields): WireError {
  return {
    type: textOf(fields.type),
    id: textOf(fields.id),
    category: textOf(fields.category),
    message: textOf(fields.message),
  };
}

/** Reads a certificate. Others may have edited the file, so the bytes must match the thumbprint. */
function readCertificate(value: unknown): ScriptResult["certificates"][number] {
  const fields = fieldsOf(value) ?? {};
  const [use, thumbprint, der] = [textOf(fields.use), textOf(fields.thumbprint).toUpperCase(), textOf(fields.der)];
  const bytes = Buffer.from(der, "base64");
  const sum = createHash("sha1").update(bytes).digest("hex").toUpperCase();
  if (bytes.length === 0 || sum !== thumbprint) throw refusal("A certificate in it does not match its thumbprint.");
  return { use, thumbprint, der };
}

function parse(text: string): Fields {
  try {
    const fields = fieldsOf(JSON.parse(text.replace(/^\ufeff/, "")));
    if (fields !== null) return fields;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw refusal("It is not a JSON object.");
}

function refusal(what: string): ToolError {
  return new ToolError("bad-script-result", `The result file cannot be used. ${what}`, {
    hint: "Give the file that the script wrote, unchanged.",
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}
