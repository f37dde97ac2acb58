// The reads of the profile `hybrid-app` and the commands that it names, against the parameter sets of the public reference.
import { expect, test } from "vitest";
import { readDirectory } from "../../../src/lab/exchange-shell/directory-state.ts";
import { changeLab } from "../../../src/lab/exchange-shell/lab-directory.ts";
import { allowedCmdlets } from "../../../src/provisioning/exchange/allowed-cmdlets.ts";
import { gateCases } from "../../support/hybrid-cases.ts";
import { changeObjects, checkLab, gateOf, startHybridLab } from "../../support/hybrid-lab.ts";
import { documentedSets, isDocumented } from "../exchange/documented-parameters.ts";

const read = [...documentedSets.keys()].filter((name) => name.startsWith("Get-") && allowedCmdlets.has(name));

test.each(read)("every allowed parameter of %s is documented", (cmdlet) => {
  const documented = documentedSets.get(cmdlet)?.flat();
  expect(allowedCmdlets.get(cmdlet)?.parameters.filter((name) => documented?.includes(name) !== true)).toEqual([]);
});

test("each call that the profile makes fits one documented set, and no two gates need another cmdlet", async () => {
  const lab = await startHybridLab();
  await checkLab(lab);
  const { calls } = readDirectory(lab.directory);
  expect(new Set(calls.map(({ cmdlet }) => cmdlet))).toEqual(new Set(read));
  for (const { cmdlet, parameters } of calls)
    expect(isDocumented(cmdlet, Object.keys(parameters)), `${cmdlet} ${Object.keys(parameters)}`).toBe(true);
});

/** The cmdlets of a command with their parameters; text in quotes and script blocks is left out. */
function callsIn(command: string): readonly (readonly [cmdlet: string, parameters: readonly string[]])[] {
  const bare = command.replace(/'(?:[^']|'')*'/g, "''").replace(/@?\{[^}]*\}/g, "");
  return bare
    .split(/[;|]/)
    .map(
      (part) =>
        [
          /\b(?:Get|Set|New)-\w+/.exec(part)?.[0] ?? "",
          [...part.matchAll(/ -(\w+)/g)].map(([, name]) => name ?? ""),
        ] as const,
    )
    .filter(([cmdlet]) => cmdlet !== "" && documentedSets.has(cmdlet));
}

test("every command that mends a gate is written with parameters of one documented set", async () => {
  const seen = new Set<string>();
  for (const [name, id, , , change] of gateCases) {
    const lab = await startHybridLab();
    change(lab);
    const { command } = gateOf(await checkLab(lab, { isDirect: true }), id);
    for (const [cmdlet, parameters] of callsIn(command ?? "")) {
      seen.add(cmdlet);
      expect(isDocumented(cmdlet, parameters), `${name}: ${cmdlet} ${parameters.join(" ")}`).toBe(true);
    }
  }
  // Otherwise the test would pass with nothing to judge.
  for (const cmdlet of documentedSets.keys()) if (/^(?:Set|New)-/.test(cmdlet)) expect(seen).toContain(cmdlet);
}, 120_000);

test("no command replaces a list: domains are added, and the other parameters hold one value", async () => {
  const lab = await startHybridLab();
  changeObjects(lab, "auth-server", { Type: "MicrosoftACS" }, { DomainName: ["contoso.example", "fabrikam.example"] });
  const { command } = gateOf(await checkLab(lab), "domain-names");
  expect(command).toMatch(/-DomainName @\{ Add = 'fabrikam\.example' \}$/);
});

test("a staged next certificate is never made the current one at once", async () => {
  const lab = await startHybridLab();
  changeLab(lab.directory, (state) => ({ ...state, authConfig: { ...state.authConfig, next: "A".repeat(40) } }));
  const { command } = gateOf(await checkLab(lab), "auth-certificate");
  // Set-AuthConfig -PublishCertificate "immediately rolls over the certificate configured as the next certificate".
  expect(command).not.toContain("PublishCertificate");
  expect(command).toContain("MonitorExchangeAuthCertificate.ps1");
});
