// What crosses between threads must lead to the same judgement as the whole events do: over every capture of the project.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import type { DecodedEvent } from "../../../src/app/reading/judged-fields.ts";
import { startPacking } from "../../../src/app/reading/pack-events.ts";
import { startUnpacking } from "../../../src/app/reading/unpack-events.ts";
import { startPipeline } from "../../../src/app/run-pipeline.ts";
import { decodeTransaction } from "../../../src/decoders/messages/decode-transaction.ts";
import type { Analysis } from "../../../src/diagnosis/analysis.ts";
import { captureKind, isLogFormat } from "../../../src/sources/input/capture-kind.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";

const names = readdirSync("captures", { recursive: true, encoding: "utf8" }).map((name) => `captures/${name}`);
const logs = names.filter(
  (name) => name.startsWith("captures/logs/") && statSync(name).isFile() && isLogFormat(kindOfNamed(name)),
);
const captures = [...names.filter((name) => name.endsWith(".ndjson")), ...logs];

function kindOfNamed(name: string): ReturnType<typeof captureKind> {
  return captureKind(readFileSync(name));
}

async function judged(path: string, crossing: (decoded: DecodedEvent) => DecodedEvent): Promise<Analysis> {
  const pipeline = startPipeline({
    ...{ verification: {}, journal: null, realm: "contoso.example" },
    pseudonymise: () => "",
    onChange: () => undefined,
  });
  for await (const event of (await openCapture(path)).events) {
    const facts = event.kind === "transaction" ? decodeTransaction(event.transaction) : null;
    const crossed = crossing({ event, facts });
    await pipeline.accept(crossed.event, crossed.facts ?? undefined);
  }
  return pipeline.snapshot();
}

test("there are captures to compare", () => {
  expect(captures.length).toBeGreaterThan(50);
  expect(logs.length).toBeGreaterThan(15);
});

test.each(captures)("%s is judged alike when only what is lean crosses", async (path) => {
  const whole = await judged(path, (decoded) => ({ event: decoded.event, facts: null }));
  const { transactions, logRows, logRowsDropped } = whole.counts;
  expect(transactions + logRows + logRowsDropped + whole.findings.length).toBeGreaterThan(0);
  const [packing, unpack] = [startPacking(), startUnpacking()];
  const crossed = (decoded: DecodedEvent): DecodedEvent => {
    packing.add(decoded);
    return unpack(structuredClone(packing.take()))[0] ?? decoded;
  };
  expect(await judged(path, crossed)).toEqual(whole);
});

test("neither bodies nor credentials nor unsigned tokens cross", async () => {
  const packing = startPacking();
  const crossed: string[] = [];
  await judged("captures/trust-works.ndjson", (decoded) => {
    packing.add(decoded);
    crossed.push(packing.take().text);
    return decoded;
  });
  expect(crossed.join()).not.toMatch(/Authorization|Envelope|"actortoken"/);
});
