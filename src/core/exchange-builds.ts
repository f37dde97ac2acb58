// Builds of Exchange Server: the list in Microsoft's CSS-Exchange (Get-ExchangeBuildVersionInformation.ps1), the page "Deploy
// dedicated Exchange hybrid app" and the pre-checks of ConfigureExchangeHybridApplication.ps1.

import { memoize } from "./memoize.ts";

export type ExchangeProduct = "2013" | "2016" | "2019" | "SE";

export interface ExchangeBuild {
  /** Four numbers without leading zeros: `15.2.2562.41`. */
  readonly build: string;
  readonly product: ExchangeProduct;
  /** `Exchange Server 2019 CU15`; without the cumulative update where the table does not list it. */
  readonly name: string;
  /** The build can call Exchange Online as the tenant's dedicated hybrid application. */
  readonly supportsHybridApp: boolean;
  /** The build can call Microsoft Graph in place of EWS in Exchange Online. */
  readonly supportsGraph: boolean;
  /** The first build of the same cumulative update that supports the dedicated application; null when none does. */
  readonly hybridAppFrom: string | null;
  /** Day on which support ended, `YYYY-MM-DD`; null while it is supported. Security updates for payment came later. */
  readonly outOfSupportSince: string | null;
}

/** A cumulative update with its first builds that support the dedicated application and Graph. */
export interface Release {
  /** The first three numbers. */
  readonly line: string;
  readonly update: string;
  /** Last number of the first build with the dedicated application, and of the first with Graph; null: never. */
  readonly hybridApp: number | null;
  readonly graph: number | null;
}

// Other cumulative updates of 2013 to 2019 support neither.
export const releases: readonly Release[] = [
  { line: "15.0.1497", update: "CU23", hybridApp: null, graph: null },
  { line: "15.1.2375", update: "CU22", hybridApp: null, graph: null },
  { line: "15.1.2507", update: "CU23", hybridApp: 55, graph: null },
  { line: "15.2.1118", update: "CU12", hybridApp: null, graph: null },
  { line: "15.2.1258", update: "CU13", hybridApp: null, graph: null },
  { line: "15.2.1544", update: "CU14", hybridApp: 25, graph: null },
  { line: "15.2.1748", update: "CU15", hybridApp: 24, graph: null },
  { line: "15.2.2562", update: "RTM", hybridApp: 17, graph: 41 },
];
const byLine = new Map(releases.map((release) => [release.line, release]));

const endOfSupport: Readonly<Record<ExchangeProduct, string | null>> = {
  "2013": "2023-04-11",
  "2016": "2025-10-14",
  "2019": "2025-10-14",
  SE: null,
};

/** The third number from which 15.2 is the Subscription Edition. */
export const firstSubscriptionEdition = 2562;

/**
 * What a build of Exchange Server can do, from `X-OWA-Version` or the file version of ExSetup.exe (`15.02.2562.041`).
 * Null for every other text, for Exchange Online (15.20) and for versions before 2013.
 */
export const exchangeBuild: (version: string) => ExchangeBuild | null = memoize(64, (version) => {
  const parts = /^0?15\.0?([0-2])\.(\d{1,5})\.(\d{1,5})$/.exec(version)?.slice(1).map(Number);
  const [minor, middle, last] = parts ?? [];
  if (minor === undefined || middle === undefined || last === undefined) return null;
  const product = productOf(minor, middle);
  const line = `15.${minor}.${middle}`;
  const release = byLine.get(line);
  // A line after the last one that this table knows belongs to a later update of the Subscription Edition, which keeps both.
  const isLater = release === undefined && product === "SE";
  const hybridApp = release?.hybridApp ?? null;
  const graph = release?.graph ?? null;
  return {
    build: `${line}.${last}`,
    product,
    name: `Exchange Server ${product}${release === undefined ? "" : ` ${release.update}`}`,
    supportsHybridApp: isLater || (hybridApp !== null && last >= hybridApp),
    supportsGraph: isLater || (graph !== null && last >= graph),
    hybridAppFrom: hybridApp === null ? null : `${line}.${hybridApp}`,
    outOfSupportSince: endOfSupport[product],
  };
});

function productOf(minor: number, middle: number): ExchangeProduct {
  if (minor === 0) return "2013";
  if (minor === 1) return "2016";
  return middle < firstSubscriptionEdition ? "2019" : "SE";
}
