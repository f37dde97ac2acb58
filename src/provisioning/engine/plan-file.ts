// A saved plan: JSON with a digest over all of it. An edited plan, or one made for other settings, is refused.
import { ToolError } from "../../core/tool-error.ts";
import { callText } from "../graph/graph-call-text.ts";
import { asWire, digestOf } from "../model/canonical-json.ts";
import { hideIn } from "../model/hide-secrets.ts";
import type { Settings } from "../model/settings.ts";
import { type Plan, planSchema } from "./plan.ts";

/** The plan as --json prints it and --out saves it: secrets hidden, each item with its call as one line (`request`), and a digest over all that is written. */
export function planDocument(plan: Plan, hide: (text: string) => string): object {
  const steps = plan.steps.map((step) => ({
    ...step,
    items: step.items.map((item) => ({ ...item, request: callText(item) })),
  }));
  const shown = hideIn({ ...plan, steps }, hide);
  return { ...(shown as object), digest: digestOf(asWire(shown)) };
}

/** Reads a saved plan. Throws ToolError when the text is not a plan, has another format version, or was changed. */
export function readPlan(text: string, path: string): Plan {
  const parsed = parse(text, path);
  const schema = typeof parsed.schema === "string" ? parsed.schema : "";
  if (schema.split("/")[0] !== planSchema.split("/")[0]) throw refused(path, "is not a plan of this program");
  if (schema !== planSchema)
    throw refused(path, `has the format ${JSON.stringify(schema)}, which this version cannot apply`);
  const { digest, ...rest } = parsed;
  if (digest !== digestOf(asWire(rest))) throw refused(path, "was changed since it was written");
  // The digest proves that this program wrote the rest.
  return rest as unknown as Plan;
}

/** Throws ToolError when a plan was made for another tenant, domain controller, domain, profile or major version. */
export function refuseForeignPlan(
  plan: Plan,
  settings: Settings,
  { tool, path }: { readonly tool: string; readonly path: string },
): void {
  const planned = plan.settings;
  const pairs: readonly (readonly [string, string, string])[] = [
    ["tenant", planned.tenant, settings.tenant],
    ["cloud", planned.cloud.graph, settings.cloud.graph],
    ["domain", planned.domain, settings.domain],
    ["domain controller", planned.domainController, settings.domainController],
    ["profile", planned.profile, settings.profile],
    ["--without", (planned.without ?? []).join(", "), (settings.without ?? []).join(", ")],
  ];
  for (const [what, was, is] of pairs) {
    if (was !== is) throw refused(path, `was made for ${what} ${JSON.stringify(was)}, not ${JSON.stringify(is)}`);
  }
  if (major(plan.tool) !== major(tool)) throw refused(path, `was made by version ${plan.tool}; this is ${tool}`);
}

function major(version: string): string {
  return version.split(".")[0] ?? "";
}

function parse(text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw refused(path, "is not a JSON object");
}

function refused(path: string, what: string): ToolError {
  return new ToolError("plan-refused", `The plan ${JSON.stringify(path)} ${what}.`, {
    hint: "Make a new one with `realmscope provision plan --out FILE`.",
  });
}
