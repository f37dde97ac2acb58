import { describe, expect, test } from "vitest";
import { exchangeBuild } from "../../src/core/exchange-builds.ts";

// Builds and names: microsoft/CSS-Exchange, Shared/Get-ExchangeBuildVersionInformation.ps1. Dedicated application: "Deploy
// dedicated Exchange hybrid app" (April 2025 hotfix updates). Graph: the May 2026 update of the Subscription Edition.
describe("what a build of Exchange Server can do", () => {
  test.each([
    ["15.0.1497.48", "Exchange Server 2013 CU23", "2013", false, false],
    ["15.0.1178.4", "Exchange Server 2013", "2013", false, false],
    ["15.1.466.34", "Exchange Server 2016", "2016", false, false],
    ["15.1.2375.37", "Exchange Server 2016 CU22", "2016", false, false],
    ["15.1.2507.44", "Exchange Server 2016 CU23", "2016", false, false],
    ["15.1.2507.55", "Exchange Server 2016 CU23", "2016", true, false],
    ["15.1.2507.75", "Exchange Server 2016 CU23", "2016", true, false],
    ["15.2.1258.39", "Exchange Server 2019 CU13", "2019", false, false],
    ["15.2.1544.14", "Exchange Server 2019 CU14", "2019", false, false],
    ["15.2.1544.25", "Exchange Server 2019 CU14", "2019", true, false],
    ["15.2.1748.10", "Exchange Server 2019 CU15", "2019", false, false],
    ["15.2.1748.24", "Exchange Server 2019 CU15", "2019", true, false],
    ["15.2.1748.53", "Exchange Server 2019 CU15", "2019", true, false],
    ["15.2.2562.17", "Exchange Server SE RTM", "SE", true, false],
    ["15.2.2562.37", "Exchange Server SE RTM", "SE", true, false],
    ["15.2.2562.41", "Exchange Server SE RTM", "SE", true, true],
    ["15.2.2562.53", "Exchange Server SE RTM", "SE", true, true],
    // A later update of the Subscription Edition that no list names yet.
    ["15.2.3001.4", "Exchange Server SE", "SE", true, true],
  ])("%s is %s", (build, name, ...can) => {
    expect(exchangeBuild(build)).toMatchObject({
      build,
      name,
      product: can[0],
      supportsHybridApp: can[1],
      supportsGraph: can[2],
    });
  });

  test("the file version of ExSetup.exe has leading zeros", () => {
    expect(exchangeBuild("15.02.2562.041")).toEqual(exchangeBuild("15.2.2562.41"));
  });

  test("the first build of the same cumulative update is named", () => {
    expect(exchangeBuild("15.1.2507.44")?.hybridAppFrom).toBe("15.1.2507.55");
    expect(exchangeBuild("15.2.1544.14")?.hybridAppFrom).toBe("15.2.1544.25");
    expect(exchangeBuild("15.2.1258.39")?.hybridAppFrom).toBeNull();
  });

  test("the day on which support ended", () => {
    expect(exchangeBuild("15.0.1497.48")?.outOfSupportSince).toBe("2023-04-11");
    expect(exchangeBuild("15.1.2507.75")?.outOfSupportSince).toBe("2025-10-14");
    expect(exchangeBuild("15.2.1748.53")?.outOfSupportSince).toBe("2025-10-14");
    expect(exchangeBuild("15.2.2562.53")?.outOfSupportSince).toBeNull();
  });

  test.each([
    "15.20.9000.12",
    "14.3.513.0",
    "15.2.2562",
    "15.2.2562.41.1",
    "15.2.2562.x",
    "16.0.1.1",
    "",
    "15.2.2562.999999",
  ])("%j is not a build of Exchange Server 2013 to SE", (text) => {
    expect(exchangeBuild(text)).toBeNull();
  });
});
