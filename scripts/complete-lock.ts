// Adds to package-lock.json every optional package that some platform needs. A registry that serves only some platforms
// leaves the others out of the lock, and `npm ci` then refuses the lock everywhere.
import { readFileSync, writeFileSync } from "node:fs";

interface LockedPackage {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly dev?: boolean;
}

const path = "package-lock.json";
const lock = JSON.parse(readFileSync(path, "utf8")) as { packages: Record<string, LockedPackage> };
const systems: ReadonlySet<string> = new Set(["android", "darwin", "freebsd", "linux", "openharmony", "win32"]);
const systemNames: ReadonlyMap<string, string> = new Map([["windows", "win32"]]);
const processors: ReadonlySet<string> = new Set(["arm", "arm64", "ia32", "x64", "ppc64", "riscv64", "s390x", "wasm32"]);

for (const [name, { optionalDependencies = {}, engines, dev }] of Object.entries(lock.packages)) {
  if (name === "") continue;
  for (const [optional, version] of Object.entries(optionalDependencies)) {
    const place = `node_modules/${optional}`;
    if (Object.hasOwn(lock.packages, place) || Object.hasOwn(lock.packages, `${name}/${place}`)) continue;
    const words = optional.split(/[/-]/);
    const os = words.map((word) => systemNames.get(word) ?? word).filter((word) => systems.has(word));
    const cpu = words.filter((word) => processors.has(word));
    if (os.length === 0 && cpu.length === 0) throw new Error(`${optional} does not say its platform`);
    lock.packages[place] = {
      version,
      ...(cpu.length === 0 ? {} : { cpu }),
      ...(dev === true ? { dev } : {}),
      ...(words.includes("musl") ? { libc: ["musl"] } : words.includes("gnu") ? { libc: ["glibc"] } : {}),
      ...{ optional: true },
      ...(os.length === 0 ? {} : { os }),
      ...(engines === undefined ? {} : { engines }),
    };
    process.stdout.write(`${optional}@${version}\n`);
  }
}
const sorted = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en")));
writeFileSync(path, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`);
