// Every dress with every truth: more than 200 pastes, each of which gives its finding.
import { describe, expect, test } from "vitest";
import { decodePaste } from "../../../src/decoders/pasted/decode-paste.ts";
import { judgeValue } from "../../../src/diagnosis/judge-value.ts";
import { dresses } from "./dresses.ts";
import { truths } from "./truths.ts";

const answerOnly = new Set(["everything glued"]);

describe.each(Object.entries(dresses))("%s", (dress, put) => {
  test.each(Object.entries(truths))("with %s in it", async (code, exchange) => {
    const read = await decodePaste(put(exchange));
    expect(read.kind).toBe("headers");
    const { transaction } = read.subject;
    expect(transaction?.response?.status).toBe(exchange.status);
    if (!answerOnly.has(dress)) expect(read.subject.tokens).toMatchObject([{ tokenKind: "app-acts-as-user" }]);
    expect((await judgeValue(read.subject)).map((finding) => finding.code)).toContain(code);
  });
});

test("the corpus has its size", () => {
  expect(Object.keys(dresses).length * Object.keys(truths).length).toBeGreaterThanOrEqual(200);
});
