import fc from "fast-check";
import { expect, test } from "vitest";
import { type Evidence, evidenceIds, noEvidence, withEvidence } from "../../src/handshake/evidence.ts";

/** What the evidence must hold, said plainly. */
function plainly(ids: readonly string[]): readonly string[] {
  return [...ids.slice(0, 50), ...ids.slice(50).slice(-50)];
}

test("a version never sees what was added after it, also where two go on from the same one", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 400 }), { minLength: 300, maxLength: 400 }), (choices) => {
      const versions: { readonly ids: readonly string[]; readonly evidence: Evidence }[] = [
        { ids: [], evidence: noEvidence },
      ];
      for (const [number, choice] of choices.entries()) {
        // Most go on from the newest version, as a handshake does; some from an older one.
        const from = versions[choice > 390 ? choice % versions.length : versions.length - 1];
        if (from === undefined) throw new Error("there is a version");
        const id = `t${number}`;
        versions.push({ ids: [...from.ids, id], evidence: withEvidence(from.evidence, id) });
      }
      for (const { ids, evidence } of versions) expect(evidenceIds(evidence)).toEqual(plainly(ids));
    }),
    { numRuns: 20 },
  );
});
