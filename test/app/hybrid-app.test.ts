// The dedicated hybrid application of the tenant: the option, the key of the configuration file, and its name.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readConfiguration } from "../../src/app/configuration.ts";
import { knownApplications, withHybridApp } from "../../src/app/hybrid-app.ts";
import { ToolError } from "../../src/core/tool-error.ts";

const one = "b2f0f7c2-54a1-4d6f-9a63-0c4a5f6e7d8c";
const other = "5d1c0e4b-3a17-4f0e-9a53-2f7d0f8a6c11";

async function configured(content: object): ReturnType<typeof readConfiguration> {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-hybrid-app-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "config.json");
  writeFileSync(path, JSON.stringify(content));
  return readConfiguration(path);
}

describe("which application it is", () => {
  test("the option, in any letter case, with a name", async () => {
    const configuration = withHybridApp(await configured({}), one.toUpperCase());
    expect(configuration.hybridApp).toBe(one);
    expect(configuration.applications.get(one)).toBe("your dedicated hybrid application");
  });

  test("the key of the file", async () => {
    const configuration = withHybridApp(await configured({ hybridApp: one.toUpperCase() }), undefined);
    expect(knownApplications(configuration)).toEqual({
      hybridApp: one,
      applications: new Map([[one, "your dedicated hybrid application"]]),
    });
  });

  test("the option overrides the key", async () => {
    expect(withHybridApp(await configured({ hybridApp: one }), other).hybridApp).toBe(other);
  });

  test("a name of the configuration stays", async () => {
    const configuration = withHybridApp(await configured({ applications: { [one]: "ExchangeServerApp" } }), one);
    expect(configuration.applications).toEqual(new Map([[one, "ExchangeServerApp"]]));
  });

  test("without both there is none", async () => {
    const configuration = withHybridApp(await configured({ applications: { [one]: "Backup" } }), undefined);
    expect(knownApplications(configuration)).toEqual({ applications: new Map([[one, "Backup"]]) });
  });
});

test.each([
  ["ExchangeServerApp-contoso", "is not an application id (a GUID)"],
  ["", "is not an application id (a GUID)"],
  ["b2f0f7c2-54a1-4d6f-9a63-0c4a5f6e7d8", "is not an application id (a GUID)"],
  // The shared principal, and a program of persons: both are Microsoft's.
  ["00000002-0000-0ff1-ce00-000000000000", "is Exchange, an application of Microsoft's"],
  ["d3590ed6-52b3-4102-aeff-aad2292ab01c", "is Microsoft Office (Outlook), an application of Microsoft's"],
])("--hybrid-app %j is refused in one line", async (id, why) => {
  const configuration = await configured({});
  const choose = (): unknown => withHybridApp(configuration, id);
  expect(choose).toThrow(ToolError);
  expect(choose).toThrow(why);
  expect(choose).toThrow(/^[^\n]*$/);
  expect(choose).toThrow(
    expect.objectContaining({ code: "bad-hybrid-app", hint: expect.stringContaining("Get-AuthServer") }),
  );
});
