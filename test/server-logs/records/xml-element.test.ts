import { expect, test } from "vitest";
import { childOf, readXmlElement } from "../../../src/server-logs/records/xml-element.ts";

test("names without prefix, attributes, texts and CDATA", () => {
  const read = readXmlElement(
    `<?xml version="1.0"?><!-- <a/> --><freb:a xmlns:freb="x" one='1 &lt; 2' two="&#65;&#x42;">t&amp;u<b>x</b><b/><![CDATA[<c>&amp;]]></freb:a>`,
  );
  if (typeof read === "string") throw new Error(read);
  expect(read.name).toBe("a");
  expect(read.attributes.get("one")).toBe("1 < 2");
  expect(read.attributes.get("two")).toBe("AB");
  expect(read.text).toBe("t&u<c>&amp;");
  expect(read.children.map(({ name, text }) => [name, text])).toEqual([
    ["b", "x"],
    ["b", ""],
  ]);
  expect(childOf(read, "b")?.text).toBe("x");
  expect(childOf(undefined, "b")).toBeUndefined();
});

test("an unknown entity and a number of no character stay as they are written", () => {
  expect(readXmlElement("<a>&b; &#0; &#xD800; &#x110000; &lt;</a>")).toMatchObject({
    text: "&b; &#0; &#xD800; &#x110000; <",
  });
});

const many = 20_001;
test.each([
  ["a document type", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', /document type/],
  ["an element of a declaration", "<a><!ELEMENT b ANY></a>", /document type/],
  ["a cut text", "<a><b>x</b>", /too early/],
  ["a cut tag", "<a><b one='1", /too early/],
  ["a cut comment", "<a><!-- x", /too early/],
  ["a cut CDATA section", "<a><![CDATA[x", /too early/],
  ["tags that do not match", "<a><b></a></b>", /do not match/],
  ["an end without a start", "</a>", /do not match/],
  ["a tag without a name", "<a><1></a>", /cannot be read/],
  ["an attribute without quotes", "<a b=c></a>", /cannot be read/],
  ["too many elements", `<a>${"<b/>".repeat(many)}</a>`, /more than 20000/],
  ["too deep", "<a>".repeat(40), /deeper than 32/],
  ["no element", "text", /too early/],
] as const)("%s is a problem", (_what, text, problem) => {
  expect(readXmlElement(text)).toMatch(problem);
});

test("a long text without an end is read in linear time", () => {
  const started = performance.now();
  for (const text of [`<a ${"b='c' ".repeat(200_000)}`, `<a>${"<".repeat(500_000)}`, `<a>${"&lt".repeat(500_000)}`])
    expect(typeof readXmlElement(text)).toBe("string");
  expect(performance.now() - started).toBeLessThan(2000);
});
