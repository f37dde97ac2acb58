/** The folders of src/ without effects: no I/O, no clock, no Node modules. Coverage, the linter and the quick tests use this list. */
export const pureFolders: readonly string[] = [
  "core",
  "http1",
  "server-logs",
  "decoders",
  "handshake",
  "diagnosis",
  "sanitising",
  "filter",
  "expectations",
];
