// Addresses at which a cloud hands out a machine's credentials, and the ways to embed an IPv4 address in IPv6.
import { BlockList, isIPv4, isIPv6 } from "node:net";

const reserved = new BlockList();
// RFC 3927 and RFC 4291 2.5.6. Nearly every cloud answers on 169.254.169.254.
reserved.addSubnet("169.254.0.0", 16, "ipv4");
reserved.addSubnet("fe80::", 10, "ipv6");
// The same services elsewhere: Azure's agent (168.63.129.16), Alibaba Cloud, Oracle Cloud Classic; in IPv6 AWS, Google,
// Oracle and Scaleway, each in its own unique local addresses (RFC 4193).
for (const address of ["168.63.129.16", "100.100.100.200", "192.0.0.192"]) reserved.addAddress(address, "ipv4");
reserved.addSubnet("fd00:ec2::", 32, "ipv6");
for (const address of ["fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42"]) reserved.addAddress(address, "ipv6");

/** True for a link-local address and for that of a cloud's metadata service; `address` in its shortest form. */
export function isReserved(address: string): boolean {
  if (isIPv4(address)) return reserved.check(address, "ipv4");
  return isIPv6(address) && reserved.check(address, "ipv6");
}

/**
 * IPv4 addresses to which a gateway, a tunnel or the system may translate an IPv6 address (shortest form); usually
 * none.
 */
export function embeddedAddresses(address: string): readonly string[] {
  if (!isIPv6(address)) return [];
  const groups = groupsOf(address);
  const [a = 0, b = 0, c = 0, , e = 0, f = 0, g = 0, h = 0] = groups;
  const prefix = groups.slice(0, 6).join(" ");
  // IPv4-compatible (RFC 4291 2.5.5.1), IPv4-translated (RFC 7915 2), NAT64 (RFC 6052 2.1; RFC 8215).
  if (prefix === "0 0 0 0 0 0" || prefix === "0 0 0 0 65535 0") return [dotted(g, h)];
  if (a === 0x64 && b === 0xff9b) return [dotted(g, h), ...(c === 1 ? translated(groups) : [])];
  // 6to4 (RFC 3056 2), Teredo (RFC 4380 4: its client's address, every bit turned), ISATAP (RFC 5214 6.1) anywhere.
  if (a === 0x2002) return [dotted(b, c)];
  if (a === 0x2001 && b === 0) return [dotted(g ^ 0xffff, h ^ 0xffff)];
  return f === 0x5efe && (e & ~0x0300) === 0 ? [dotted(g, h)] : [];
}

/** The address embedded behind a prefix of 48, 56 and 64 bits; bits 64 to 71 are skipped (RFC 6052 2.2). */
function translated([, , , d = 0, e = 0, f = 0, g = 0]: readonly number[]): readonly string[] {
  const join = (high: number, low: number): number => ((high & 255) << 8) | (low & 255);
  return [dotted(d, join(e, f >> 8)), dotted(join(d, e), f), dotted(join(e, f >> 8), join(f, g >> 8))];
}

/** The eight groups of an address that `::` may shorten. */
function groupsOf(address: string): readonly number[] {
  const [left = "", right] = address.split("::");
  const read = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const [high, low] = [read(left), read(right ?? "")];
  return [...high, ...Array.from({ length: 8 - high.length - low.length }, () => 0), ...low];
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
