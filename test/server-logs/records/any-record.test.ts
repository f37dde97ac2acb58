// Whatever a file holds, reading it neither throws nor depends on the pieces it comes in.
import fc from "fast-check";
import { expect, test } from "vitest";
import { readTextEvents } from "../../../src/server-logs/records/text-event.ts";
import { addTraceEvent, readTraceRoot, startTraceFacts } from "../../../src/server-logs/records/trace-facts.ts";
import { XmlCutter } from "../../../src/server-logs/records/xml-cutter.ts";
import { traceText } from "../../sources/logs/trace-maker.ts";
import { certificateMissing, jsonEvent, languages, powerShell7, quoted, xmlEvent } from "./event-texts.ts";
import { readRecords } from "./read-records.ts";

const signIn = {
  createdDateTime: "2026-11-30T08:15:30Z",
  appId: "00000002-0000-0ff1-ce00-000000000000",
  servicePrincipalId: "a",
};
const samples = [
  [certificateMissing, languages.German].map(xmlEvent).join("\n"),
  JSON.stringify([jsonEvent(languages.Japanese, powerShell7)]),
  JSON.stringify({ value: [signIn, signIn] }),
  JSON.stringify({
    tables: [{ columns: [{ name: "AppId" }, { name: "ServicePrincipalId" }], rows: [["a", "b"], 7, []] }],
  }),
  [
    quoted(["Id", "ProviderName", "TimeCreated", "Message"]),
    quoted(["2004", "MSExchange OAuth", "30.11.2026 8:00:00", "x"]),
  ].join("\n"),
];

const pieces = fc.constantFrom(
  "<",
  ">",
  '"',
  "\\",
  "{",
  "]",
  "\n",
  "</Event>",
  "<![CDATA[",
  "<!--",
  "&#0;",
  "\u0000",
  "",
  "2006",
  "\ud800",
);

/** A sample with some pieces cut out of it and others put in their place. */
const damaged = fc
  .tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(4000), fc.nat(40), pieces), { maxLength: 5 }))
  .map(([text, changes]) =>
    changes.reduce(
      (before, [at, length, piece]) =>
        before.slice(0, at % before.length || 1) + piece + before.slice((at % before.length) + length) || "x",
      text,
    ),
  );

test("damaged records are read in pieces as they are at once", () => {
  fc.assert(
    fc.property(damaged, fc.integer({ min: 1, max: 300 }), (text, piece) => {
      expect(readRecords(text, piece)).toEqual(readRecords(text, text.length + 1));
    }),
    { numRuns: 400 },
  );
});

test("damaged traces and texts never throw", () => {
  const trace = traceText({ requestBody: ["x"], responseBody: ["y"] });
  fc.assert(
    fc.property(fc.nat(trace.length), fc.nat(200), fc.string(), (at, length, put) => {
      const text = trace.slice(0, at) + put + trace.slice(at + length);
      const facts = startTraceFacts();
      for (const record of new XmlCutter("Event").push(text))
        if (record.text !== null) addTraceEvent(facts, record.text);
      readTraceRoot(text);
      expect(readTextEvents(text)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
