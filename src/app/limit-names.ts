/** What `--limit NAME=VALUE` and `limits` of the configuration may bound; docs/proxy.md says what each does. */
export const limitNames = [
  "connections",
  "connect-seconds",
  "handshake-seconds",
  "idle-seconds",
  "half-open-seconds",
  "stop-seconds",
  "header-kb",
  "body-kb",
  "memory-mb",
] as const;
