import { ToolError } from "../../core/tool-error.ts";
import { type DecodedValue, decodeValue } from "../../decoders/decode-value.ts";
import type { FindingReport } from "../../diagnosis/analysis.ts";
import { judgeValue } from "../../diagnosis/judge-value.ts";
import { safeJson } from "../../sinks/safe-json.ts";
import { renderFindingLine } from "../../tui/plain-text.ts";
import { safe } from "../../tui/safe-text.ts";
import { readConfiguration } from "../configuration.ts";
import { exitCode } from "../exit-codes.ts";
import type { CommonOptions } from "../program.ts";

export interface ValueOptions extends CommonOptions {
  readonly realm?: string | undefined;
}

const maxInput = 1024 * 1024;

/** Decodes and judges one value from the command line or standard input. Gives the exit code; throws ToolError for what it does not know. */
export async function runDecode(value: string | undefined, options: ValueOptions): Promise<number> {
  const configuration = readConfiguration(options.config);
  const text = value ?? (await readInput());
  const decoded = decodeValue(text, { applications: configuration.applications });
  const { problem } = decoded.value;
  if (decoded.kind === "unknown") {
    const why = typeof problem === "string" ? problem : "it is of no known kind";
    throw new ToolError("not-decoded", `The value cannot be decoded: ${why}.`, {
      hint: "Give one whole value as it was seen: a token, a header line, a block of header lines, an issuer or a token request.",
    });
  }
  const realm = options.realm ?? configuration.realm;
  const { applications } = configuration;
  const context = { at: Date.now(), applications, ...(realm === null ? {} : { realm }) };
  show(decoded, judgeValue(decoded.subject, context), options);
  return exitCode.trustShown;
}

function show(decoded: DecodedValue, findings: readonly FindingReport[], options: ValueOptions): void {
  const { kind, value } = decoded;
  if (options.json === true) {
    process.stdout.write(`${safeJson({ schema: "realmscope.decoded/1", kind, value, findings })}\n`);
    return;
  }
  const lines = [`kind: ${kind}`, ...plainLines(value, ""), ...findings.map(renderFindingLine)];
  const remedies = findings
    .filter(({ severity }) => severity !== "info")
    .map(({ code, remedy }) => `what to do about ${code}: ${remedy}`);
  process.stdout.write([...lines, ...remedies].map((line) => `${safe(line)}\n`).join(""));
}

/** One `path.to.member: value` a line; what is empty is left out. */
function plainLines(value: unknown, path: string): string[] {
  if (value === null || value === "") return [];
  if (typeof value !== "object") return [`${path}: ${String(value)}`];
  return Object.entries(value).flatMap(([name, member]) => plainLines(member, path === "" ? name : `${path}.${name}`));
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxInput) {
      throw new ToolError("too-long", "Standard input is longer than 1 MiB.", {
        hint: "Give one value; realmscope replay reads captures.",
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
