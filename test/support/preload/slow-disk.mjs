// A disk that takes SLOW_MS for each write to the journal, or fails to sync: whatever way of writing the program chooses.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const slowMs = Number(process.env.SLOW_MS ?? "0");
const journals = new Set();
const sleep = new Int32Array(new SharedArrayBuffer(4));
const { openSync, open, write, writeSync, fdatasync } = fs;
const note = (path, descriptor) => {
  if (/\.ndjson(?:\.\d+)?$/.test(String(path))) journals.add(descriptor);
  return descriptor;
};

fs.openSync = (path, ...rest) => note(path, openSync(path, ...rest));
fs.open = (path, ...rest) => {
  const done = rest.pop();
  open(path, ...rest, (error, descriptor) => done(error, error === null ? note(path, descriptor) : descriptor));
};
fs.writeSync = (descriptor, ...rest) => {
  if (journals.has(descriptor)) Atomics.wait(sleep, 0, 0, slowMs);
  return writeSync(descriptor, ...rest);
};
fs.write = (descriptor, ...rest) => {
  if (!journals.has(descriptor)) return write(descriptor, ...rest);
  // One that never answers holds nothing but its caller.
  if (slowMs < 0) return undefined;
  setTimeout(() => write(descriptor, ...rest), slowMs);
};
fs.fdatasync = (descriptor, done) => {
  if (process.env.SYNC_FAILS === undefined) return fdatasync(descriptor, done);
  setImmediate(() => done(Object.assign(new Error("planted"), { code: "EIO" })));
};
syncBuiltinESMExports();
