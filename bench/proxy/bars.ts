// The performance bars that the proxy must meet, all from figures of one run.

interface Figures {
  readonly name: string;
  readonly small?: { readonly perSecond: number; readonly cpu: number } | undefined;
  readonly lasting?: { readonly perSecond: number } | undefined;
  readonly newHost: { readonly p50: number };
  readonly ntlm: { readonly whole: number; readonly of: number; readonly leaked: number };
  readonly residentAfterMb?: number;
  readonly residentAfterRequests?: number;
  readonly hugeGrowthMb?: number;
}

export interface Bar {
  readonly bar: string;
  readonly measured: string;
  readonly holds: boolean;
}

/** Checks the figures; leaves out bars that compare with a program that did not run. */
export function barsOf(results: readonly Figures[]): readonly Bar[] {
  const find = (start: string): Figures | undefined => results.find(({ name }) => name.startsWith(start));
  const [ours, direct] = [find("realmscope, journal"), find("direct")];
  if (ours?.small === undefined || direct?.small === undefined) return [];
  const rate = ours.small.perSecond;
  const ratio = (bar: string, other: Figures | undefined, least: number): Bar[] => {
    if (other?.small === undefined) return [];
    const measured = rate / other.small.perSecond;
    return [{ bar: `${bar} >= ${least}`, measured: measured.toFixed(3), holds: measured >= least }];
  };
  const below = (bar: string, measured: number, limit: number): Bar => ({
    bar: `${bar} <= ${limit.toFixed(2)}`,
    measured: measured.toFixed(2),
    holds: measured <= limit,
  });
  const mitmdump = find("mitmdump");
  const { whole, of, leaked } = ours.ntlm;
  return [
    ...ratio("small requests a second, of direct", direct, 0.4),
    ...ratio("small requests a second, of http-mitm-proxy bare", find("http-mitm-proxy"), 1.4),
    ...ratio("small requests a second, of mitmdump -w", mitmdump, 4),
    below("processor ms for a small request", ours.small.cpu, 0.45),
    ...(mitmdump === undefined ? [] : [below("new host, p50 ms", ours.newHost.p50, mitmdump.newHost.p50)]),
    below(`resident MB after ${ours.residentAfterRequests} requests`, ours.residentAfterMb ?? Number.NaN, 130),
    below("growth in MB for 100 MB to a slow reader", ours.hugeGrowthMb ?? Number.NaN, 20),
    {
      bar: "log-ons whole, identities shared",
      measured: `${whole} of ${of}, ${leaked}`,
      holds: whole === of && leaked === 0,
    },
  ];
}

/** Figures without a bar, for lasting load: it must be read beside the traffic, while a burst may be read after it. */
export function lastingOf(results: readonly Figures[]): readonly string[] {
  const ours = results.find(({ name }) => name.startsWith("realmscope, journal"))?.lasting?.perSecond ?? Number.NaN;
  const others = results.filter(
    ({ name, lasting }) => !name.startsWith("realmscope, journal") && lasting !== undefined,
  );
  return others.map(
    ({ name, lasting }) =>
      `lasting load, requests a second, of ${name}: ${(ours / (lasting?.perSecond ?? Number.NaN)).toFixed(3)}`,
  );
}
