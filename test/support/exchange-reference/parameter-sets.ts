// The parameter sets of Exchange's cmdlets from the public reference: README.md names the source.
import { readFileSync } from "node:fs";
import { documentedSets } from "../../provisioning/exchange/documented-parameters.ts";

export interface DocumentedParameter {
  readonly name: string;
  /** As the reference writes it: `String`, `Switch`, `MailUserIdParameter`. */
  readonly type: string;
  readonly isMandatory: boolean;
  readonly position: number | null;
}

export interface ParameterSet {
  readonly name: string;
  readonly parameters: readonly DocumentedParameter[];
}

type StoredSets = Readonly<
  Record<string, Readonly<Record<string, readonly (readonly [string, string, boolean, number | null])[]>>>
>;

export const referenceFile = new URL("parameter-sets.json", import.meta.url);

function readStored(): ReadonlyMap<string, readonly ParameterSet[]> {
  const stored = JSON.parse(readFileSync(referenceFile, "utf8")) as StoredSets;
  return new Map(
    Object.entries(stored).map(([cmdlet, sets]) => [
      cmdlet,
      Object.entries(sets).map(([name, parameters]) => ({
        name,
        parameters: parameters.map(([own, type, isMandatory, position]) => ({
          name: own,
          type,
          isMandatory,
          position,
        })),
      })),
    ]),
  );
}

/** Reads that the file does not hold; of these only the names of the parameters were taken from the reference. */
const others = ["Get-OrganizationRelationship", "Get-SettingOverride"];

/** The documented sets by cmdlet. */
export const parameterSets: ReadonlyMap<string, readonly ParameterSet[]> = new Map([
  ...readStored(),
  ...others.map((cmdlet) => {
    const parameters = (documentedSets.get(cmdlet)?.[0] ?? []).map((name) => ({
      name,
      type: "String",
      isMandatory: false,
      position: name === "Identity" ? 0 : null,
    }));
    return [cmdlet, [{ name: "Default", parameters }]] as const;
  }),
]);

/** Parameters that this program uses beyond the reference, with the reason. Nothing else may differ. */
export const beyondReference: Readonly<Record<string, string>> = {
  "New-MailUser -ApplicationAccount":
    "Microsoft's page of 2025 (Skype for Business/hybrid) has it; no parameter set does. It is left out where the shell lacks it.",
};

/** The names of the sets that have all these parameters and whose mandatory ones are all given. */
export function setsThatFit(cmdlet: string, given: readonly string[]): readonly string[] {
  const names = new Set(given.map((name) => name.toLowerCase()));
  return (parameterSets.get(cmdlet) ?? [])
    .filter(({ parameters }) => {
      const known = new Set(parameters.map(({ name }) => name.toLowerCase()));
      const isComplete = parameters.every((one) => !one.isMandatory || names.has(one.name.toLowerCase()));
      return isComplete && [...names].every((name) => known.has(name));
    })
    .map(({ name }) => name);
}
