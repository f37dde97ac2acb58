// The allow-list against the public reference of Exchange's cmdlets: what is allowed exists, and each call that the procedure
// makes fits one documented parameter set with its mandatory parameters.
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { hiddenOf } from "../../../src/lab/exchange-shell/cmdlets.ts";
import { readDirectory } from "../../../src/lab/exchange-shell/directory-state.ts";
import { allowedCmdlets, optionalParameters } from "../../../src/provisioning/exchange/allowed-cmdlets.ts";
import {
  beyondReference,
  parameterSets,
  referenceFile,
  setsThatFit,
} from "../../support/exchange-reference/parameter-sets.ts";
import { openLab, startProvisioningLab } from "../../support/provisioning-lab.ts";

const published = new URL("../../../../shared/reference/exchange-cmdlet-parameters.json", import.meta.url);

test("the copy of the reference is the published one", ({ skip }) => {
  skip(!existsSync(published), "the reference is not beside this checkout");
  expect(JSON.parse(readFileSync(referenceFile, "utf8"))).toEqual(JSON.parse(readFileSync(published, "utf8")));
});

const documented = (cmdlet: string): readonly string[] =>
  (parameterSets.get(cmdlet) ?? []).flatMap(({ parameters }) => parameters.map(({ name }) => name));

test.each([...allowedCmdlets])("%s and its allowed parameters are in the reference", (cmdlet, { parameters }) => {
  expect(parameterSets.has(cmdlet)).toBe(true);
  const unknown = parameters.filter((name) => !documented(cmdlet).includes(name));
  expect(unknown.filter((name) => beyondReference[`${cmdlet} -${name}`] === undefined)).toEqual([]);
});

test("the parameters beyond the reference are those that are left out where the shell lacks them", () => {
  expect(Object.keys(beyondReference).toSorted()).toEqual([...optionalParameters].toSorted());
});

// "This parameter is available only in the cloud-based service" is the reference's note on these; none of our cmdlets is online-only.
const onlineOnly = ["TargetSharingEpr", "MicrosoftOnlineServicesID", "FederatedIdentity", "InactiveMailbox"];

test("no allowed parameter exists in Exchange Online alone", () => {
  const allowed = [...allowedCmdlets.values()].flatMap(({ parameters }) => parameters);
  expect(allowed.filter((name) => onlineOnly.includes(name))).toEqual([]);
});

/** The calls that the lab's Exchange received. */
function callsOf(directory: string): readonly (readonly [string, readonly string[]])[] {
  return readDirectory(directory).calls.map(({ cmdlet, parameters }) => [
    cmdlet,
    Object.keys(parameters).filter((name) => beyondReference[`${cmdlet} -${name}`] === undefined),
  ]);
}

test.each(["skype-online", "teams", "both"])(
  "%s: each call of plan, apply, verify and undo fits a documented set with its mandatory parameters",
  async (profile) => {
    const lab = await startProvisioningLab();
    const settings = lab.settings({ profile, step1: true, removeLegacy: profile === "teams" });
    const opened = await openLab(lab, { settings });
    expect((await opened.apply(undefined, { consents: new Set(["remove-legacy"]) })).how).toBe("finished");
    await opened.verify();
    expect((await opened.undo(["destructive"])).how).toBe("finished");
    const calls = callsOf(lab.directory);
    expect(calls.filter(([cmdlet]) => !/^(?:Get|Test)-/.test(cmdlet)).length).toBeGreaterThan(8);
    const wrong = calls.filter(([cmdlet, names]) => setsThatFit(cmdlet, names).length === 0);
    expect(wrong.map(([cmdlet, names]) => `${cmdlet} ${names.join(" ")}`)).toEqual([]);
  },
);

test("the lab's own Exchange has no parameter that the reference does not have, but the named exception", async () => {
  const lab = await startProvisioningLab();
  const asked = [...allowedCmdlets].map(([cmdlet, { parameters }]) => [cmdlet, [...parameters, "Nonsense"]] as const);
  const hidden = new Set(hiddenOf(readDirectory(lab.directory), asked));
  const had = asked.flatMap(([cmdlet, names]) =>
    names.filter((name) => !documented(cmdlet).includes(name)).map((name) => `${cmdlet} -${name}`),
  );
  // The lab plays an Exchange that has what today's page writes; tests hide it where that matters.
  expect(had.filter((one) => !hidden.has(one))).toEqual(Object.keys(beyondReference));
});
