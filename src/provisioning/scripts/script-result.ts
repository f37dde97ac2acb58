// What a person's run of an emitted script brought, read back from the file that it wrote.
import { createHash } from "node:crypto";
import { ToolError } from "../../core/tool-error.ts";
import type { WireError, WireObject } from "../model/exchange-shell.ts";
import type { ScriptSide } from "./script-text.ts";

/** `made`: by this run. `waits`: a step before it is not done. `unknown`: it could not be read. */
export interface ScriptOutcome {
  readonly stepId: string;
  readonly outcome: string;
  /** What is there now, as the check reads it. */
  readonly facts: WireObject | null;
  readonly before: WireObject | null;
  /** Role entries removed, or ids of keys added. */
  readonly names: readonly string[];
  readonly error: WireError | null;
}

export interface ScriptResult {
  readonly side: ScriptSide;
  readonly planId: string;
  readonly startedAt: string;
  readonly host: string;
  readonly actor: string;
  readonly isCheckOnly: boolean;
  readonly outcomes: readonly ScriptOutcome[];
  /** The public auth certificates that the Exchange script read; each is the one its thumbprint says. */
  readonly certificates: readonly { readonly use: string; readonly thumbprint: string; readonly der: string }[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Throws ToolError for text that no script of ours wrote. */
export function readScriptResult(text: string): ScriptResult {
  const root = parse(text);
  if (root.format !== "realmscope-script-result") throw refusal("It is no result of a realmscope script.");
  if (root.version !== 1) throw refusal(`It has version ${JSON.stringify(root.version)}, and 1 is known.`);
  const side = (["exchange", "cloud", "exchange-undo", "cloud-undo"] as const).find((one) => one === root.side);
  if (side === undefined || !Array.isArray(root.items)) throw refusal("It names no side, or has no steps.");
  return {
    side,
    planId: textOf(root.plan),
    startedAt: textOf(root.startedAt),
    host: textOf(root.host),
    actor: textOf(root.actor),
    isCheckOnly: root.checkOnly === true,
    outcomes: root.items.map(readOutcome),
    certificates: listOf(root.certificates).map(readCertificate),
  };
}

function readOutcome(value: unknown): ScriptOutcome {
  const fields = fieldsOf(value);
  if (fields === null || textOf(fields.stepId) === "") throw refusal("A step has no name.");
  const error = fieldsOf(fields.error);
  return {
    stepId: textOf(fields.stepId),
    outcome: textOf(fields.outcome),
    facts: fieldsOf(fields.facts) as WireObject | null,
    before: fieldsOf(fields.before) as WireObject | null,
    names: listOf(fields.names).filter((one) => typeof one === "string"),
    error: error === null ? null : readError(error),
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

/** The file went through other hands: the bytes must be those that the thumbprint speaks of. */
function readCertificate(value: unknown): ScriptResult["certificates"][number] {
  const fields = fieldsOf(value) ?? {};
  const [use, thumbprint, der] = [textOf(fields.use), textOf(fields.thumbprint).toUpperCase(), textOf(fields.der)];
  const bytes = Buffer.from(der, "base64");
  const sum = createHash("sha1").update(bytes).digest("hex").toUpperCase();
  if (bytes.length === 0 || sum !== thumbprint) throw refusal("A certificate in it is not the one that it names.");
  return { use, thumbprint, der };
}

function parse(text: string): Fields {
  try {
    const fields = fieldsOf(JSON.parse(text.replace(/^\ufeff/, "")));
    if (fields !== null) return fields;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw refusal("It is no JSON object.");
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
