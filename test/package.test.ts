import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const lock: {
  packages: Record<string, { version?: string; resolved?: string; optionalDependencies?: Record<string, string> }>;
} = JSON.parse(readFileSync("package-lock.json", "utf8"));

test("the lock file names the packages of every platform, so that npm ci takes it everywhere", () => {
  const names = new Set(Object.keys(lock.packages));
  const missing = Object.entries(lock.packages).flatMap(([name, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (optional) => !names.has(`node_modules/${optional}`) && !names.has(`${name}/node_modules/${optional}`),
    ),
  );
  // npm run lock adds them.
  expect(missing).toEqual([]);
});

test("the lock file holds no download addresses", () => {
  expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});
