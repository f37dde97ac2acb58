import { expect, test } from "vitest";
import { createAuthority } from "../../../src/proxy/certificates/certificate-authority.ts";

const hourMs = 3_600_000;
const now = Date.UTC(2026, 5, 1);
const made = createAuthority({ hosts: ["*.lync.test"], now });

test("a leaf is made once, and again at half of its life", async () => {
  const authority = await made;
  const first = authority.leafContext("sip.lync.test", now);
  expect(authority.leafContext("sip.lync.test", now + hourMs)).toBe(first);
  expect(authority.leafContext("sip.lync.test", now + 3.5 * 24 * hourMs - 1)).toBe(first);
  const second = authority.leafContext("sip.lync.test", now + 3.5 * 24 * hourMs);
  expect(second).not.toBe(first);
  expect(authority.leafContext("sip.lync.test", now + 4 * 24 * hourMs)).toBe(second);
});

test("250 leaves are kept, and the one used longest ago is forgotten first", async () => {
  const authority = await made;
  const leaf = (name: string) => authority.leafContext(`${name}.lync.test`, now);
  const [used, unused] = [leaf("used"), leaf("unused")];
  for (let number = 0; number < 249; number += 1) {
    expect(leaf("used")).toBe(used);
    leaf(`other${number}`);
  }
  expect(leaf("used")).toBe(used);
  expect(leaf("unused")).not.toBe(unused);
});
