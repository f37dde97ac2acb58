import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDenyRules } from "../../../src/proxy/connections/deny-rules.ts";
import { embeddedAddresses } from "../../../src/proxy/connections/reserved-address.ts";

const rules = createDenyRules(["10.1.2.3"]);

describe("never dialled", () => {
  test.each([
    ["link-local", ["169.254.0.1", "169.254.169.254", "169.254.170.2", "fe80::1", "febf::1", "fe80::1%eth0"]],
    ["IPv4 in IPv6", ["::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::a9fe:a9fe", "::169.254.169.254"]],
    ["IPv4-translated", ["::ffff:0:a9fe:a9fe"]],
    ["NAT64", ["64:ff9b::a9fe:a9fe", "64:ff9b::169.254.169.254", "64:ff9b:1::a9fe:a9fe"]],
    // RFC 6052 2.4's layout for prefixes of 48, 56 and 64 bits.
    [
      "NAT64 with a prefix of its own",
      ["64:ff9b:1:a9fe:a9:fe00::", "64:ff9b:1:a9:fe:a9fe::", "64:ff9b:1:0:a9:fea9:fe00:0"],
    ],
    ["6to4", ["2002:a9fe:a9fe::", "2002:a9fe:a9fe::1", "2002:a9fe:a9fe:1:2:3:4:5"]],
    ["Teredo", ["2001:0:4136:e378:8000:63bf:5601:5601"]],
    ["ISATAP", ["fd12::5efe:a9fe:a9fe", "2001:db8::200:5efe:169.254.169.254"]],
    ["metadata services elsewhere", ["168.63.129.16", "100.100.100.200", "192.0.0.192"]],
    [
      "metadata services in IPv6",
      ["fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42"],
    ],
    ["metadata services elsewhere, translated", ["64:ff9b::a83f:8110", "2002:6464:64c8::1", "::ffff:192.0.0.192"]],
    [
      "what was denied, in every form",
      ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203", "2002:a01:203::1", "::a01:203"],
    ],
  ])("%s", (_what, addresses) => {
    for (const address of addresses) expect([address, rules.deniesAddress(address, 443)]).toEqual([address, true]);
  });

  test("the program's own listener, by an address that embeds its address", () => {
    const own = createDenyRules([]);
    own.addOwnListener({ host: "0.0.0.0", port: 8080 });
    for (const address of ["127.0.0.1", "::1", "64:ff9b::7f00:1", "2002:7f00:1::1", "::7f00:1"])
      expect([address, own.deniesAddress(address, 8080), own.deniesAddress(address, 8081)]).toEqual([
        address,
        true,
        false,
      ]);
  });
});

test.each([
  "40.101.1.1",
  "10.1.2.4",
  "169.253.255.255",
  "100.100.100.201",
  "2603:1006::1",
  "2a01:111:f403::1",
  "fd12::a9fe:a9fe",
  "fec0::1",
  "fd00:ec3::254",
  "64:ff9b::2865:101",
  "64:ff9c::a9fe:a9fe",
  "2002:2865:101::a9fe:a9fe",
  "2001:db8::a9fe:a9fe",
])("%s is dialled", (address) => {
  expect(rules.deniesAddress(address, 443)).toBe(false);
});

test("the address embedded in another is found in every spelling", () => {
  const bytes = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 })));
  fc.assert(
    fc.property(bytes, ([a = 0, b = 0, c = 0, d = 0]) => {
      const text = `${a}.${b}.${c}.${d}`;
      const groups = [(a << 8) | b, (c << 8) | d].map((group) => group.toString(16)).join(":");
      expect(embeddedAddresses(`64:ff9b::${groups}`)).toContain(text);
      expect(embeddedAddresses(`2002:${groups}::1`)).toContain(text);
    }),
  );
});
