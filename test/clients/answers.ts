// What a client got, as it printed it itself, and what of two such answers differs.

export interface Answer {
  readonly status: number;
  /** `1.1`, `2`, or `-` where the client does not show it. */
  readonly version: string;
  /** As the client lists them: in its order and with its case. */
  readonly fields: readonly (readonly [string, string])[];
  readonly sha256: string;
  readonly length: number;
}

/** A call that brought no answer: the client's own words. */
export interface Failed {
  readonly error: string;
}

export interface Run {
  /** Of the process; null where a signal ended it. */
  readonly exitCode: number | null;
  readonly answers: readonly (Answer | Failed)[];
  readonly ms: number;
}

/**
 * Reads what the programs of `programs/` print: for each call `status STATUS VERSION`, `field NAME: VALUE`…,
 * `body SHA256 LENGTH`, `end`, or `error WORDS`, `end`.
 */
export function readAnswers(text: string): readonly (Answer | Failed)[] {
  return text
    .split(/^end\n/m)
    .slice(0, -1)
    .map((block) => {
      const error = /^error (.*)$/m.exec(block)?.[1];
      if (error !== undefined) return { error };
      const [, status = "0", version = ""] = /^status (\d+) (\S+)$/m.exec(block) ?? [];
      const [, sha256 = "", length = "0"] = /^body (\w+) (\d+)$/m.exec(block) ?? [];
      const fields = [...block.matchAll(/^field (.*?): (.*)$/gm)].map(
        ([, name = "", value = ""]) => [name, value] as const,
      );
      return { status: Number(status), version, fields, sha256, length: Number(length) };
    });
}

/** What is not a call's own: fields of one hop, which a proxy of `http://` replaces (RFC 9110 7.6.1). */
const ofOneHop = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding"]);

/** One way in which a run differs from the direct one. */
export interface Difference {
  /** Name of the call; null for the process as a whole. */
  readonly call: string | null;
  readonly kind: "exit" | "missing" | "fails" | "succeeds" | "status" | "version" | "body" | "fields" | "timing";
  readonly text: string;
}

/** In which parts two runs of the same calls differ; empty where they are the same. */
export function differences(
  direct: Run,
  through: Run,
  { isPlain, names }: { readonly isPlain: boolean; readonly names: readonly string[] },
): readonly Difference[] {
  const found: Difference[] = [];
  if (direct.exitCode !== through.exitCode) {
    found.push({ call: null, kind: "exit", text: `exit status ${through.exitCode} in place of ${direct.exitCode}` });
  }
  for (const [at, call] of names.entries()) {
    const [want, got] = [direct.answers[at], through.answers[at]];
    if (want === undefined || got === undefined) found.push({ call, kind: "missing", text: "no answer was printed" });
    else found.push(...partsThatDiffer(want, got, isPlain).map((part) => ({ call, ...part })));
  }
  const [quick, now] = [timingClass(direct.ms), timingClass(through.ms)];
  if (quick !== now) found.push({ call: null, kind: "timing", text: `takes ${now}` });
  return found;
}

type Part = Omit<Difference, "call">;

function partsThatDiffer(want: Answer | Failed, got: Answer | Failed, isPlain: boolean): readonly Part[] {
  if ("error" in want || "error" in got) {
    if ("error" in want && "error" in got) return [];
    if ("error" in got) return [{ kind: "fails", text: got.error }];
    return [{ kind: "succeeds", text: "succeeds, and fails direct" }];
  }
  const parts: Part[] = [];
  if (want.status !== got.status)
    parts.push({ kind: "status", text: `status ${got.status} in place of ${want.status}` });
  if (want.version !== got.version) {
    parts.push({ kind: "version", text: `HTTP/${got.version} in place of HTTP/${want.version}` });
  }
  if (want.sha256 !== got.sha256) {
    parts.push({ kind: "body", text: `another body: ${got.length} bytes in place of ${want.length}` });
  }
  // HTTP/2 has names in lower case and no fields of a connection: another version is one difference, not two.
  const text = want.version === got.version ? fieldsText(fieldLines(want, isPlain), fieldLines(got, isPlain)) : null;
  if (text !== null) parts.push({ kind: "fields", text });
  return parts;
}

function fieldLines({ fields }: Answer, isPlain: boolean): readonly string[] {
  const kept = fields.filter(([name]) => !(isPlain && ofOneHop.has(name.toLowerCase())));
  return kept.map(([name, value]) => `${name}: ${value}`);
}

function fieldsText(left: readonly string[], right: readonly string[]): string | null {
  if (JSON.stringify(left) === JSON.stringify(right)) return null;
  const missing = left.filter((field) => !right.includes(field));
  const added = right.filter((field) => !left.includes(field));
  if (missing.length === 0 && added.length === 0) return "fields in another order";
  return `fields: missing ${JSON.stringify(missing)}, added ${JSON.stringify(added)}`;
}

/** Coarse, because the machine of a test is busy: it shows a call that waits for a limit of the proxy. */
function timingClass(ms: number): string {
  return ms < 15_000 ? "less than 15 s" : "15 s and more";
}
