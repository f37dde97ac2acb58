import { expect, test } from "vitest";
import { readSave } from "../../../src/cli/options/save-options.ts";

test("a journal is divided at 256 MiB and kept up to 4 GiB, where nothing else is given", () => {
  expect(readSave({}).rotation).toEqual({ maxBytes: 256 * 1024 ** 2, maxAgeMs: null, keepBytes: 4 * 1024 ** 3 });
});

test("sizes count in 1024, ages take every unit of time", () => {
  const { rotation } = readSave({ rotateSize: "8K", rotateAge: "90min", keep: "1.5G" });
  expect(rotation).toEqual({ maxBytes: 8192, maxAgeMs: 5_400_000, keepBytes: 1.5 * 1024 ** 3 });
  expect(readSave({ rotateSize: "0", keep: "0" }).rotation).toMatchObject({ maxBytes: 1, keepBytes: null });
});

test.each([
  [{ rotateSize: "5x" }, '--rotate-size "5x" is not a size.', "For example --rotate-size 64M or --rotate-size 2G."],
  [{ keep: "-1" }, '--keep "-1" is not a size.', "For example --keep 64M or --keep 2G."],
  [{ keep: "999999999999T" }, '--keep "999999999999T" is not a size.', "For example --keep 64M or --keep 2G."],
  [{ rotateAge: "5" }, '--rotate-age "5" is not a duration.', "For example --rotate-age 30m, 12h or 7d."],
  [{ rotateAge: "5y" }, '--rotate-age "5y" is not a duration.', "For example --rotate-age 30m, 12h or 7d."],
  [{ rotateAge: "0h" }, '--rotate-age "0h" is shorter than one second.', "For example --rotate-age 30m, 12h or 7d."],
])("%j: %s", (options, message, hint) => {
  expect(() => readSave(options)).toThrow(expect.objectContaining({ code: "usage", message, hint }));
});
