import { close, constants, openSync, write } from "node:fs";
import { ToolError } from "../../core/tool-error.ts";

/** A file of TLS secrets for Wireshark. Anyone who can read it can decrypt the traffic. */
export interface Keylog {
  line(line: Buffer): void;
  close(): Promise<void>;
}

/**
 * Creates the file, readable by its owner only. Throws ToolError `keylog-exists` for an existing file, which others may
 * be able to read.
 */
export function openKeylog(path: string): Keylog {
  const file = create(path);
  let isBroken = false;
  let last: Promise<void> = Promise.resolve();
  return {
    line(line) {
      if (isBroken) return;
      last = last.then(
        () =>
          new Promise((resolve) => {
            write(file, line, (error) => {
              // A full disk must not end the traffic: nothing more is written.
              isBroken ||= error !== null;
              resolve();
            });
          }),
      );
    },
    async close() {
      isBroken = true;
      await last;
      await new Promise((resolve) => close(file, resolve));
    },
  };
}

function create(path: string): number {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND, 0o600);
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === "EEXIST";
    throw new ToolError(
      exists ? "keylog-exists" : "keylog-unwritable",
      `The key log file ${JSON.stringify(path)} cannot be created.`,
      {
        hint: exists
          ? "Give a file that does not exist yet."
          : "Give a file in an existing folder that you may write to.",
        cause,
      },
    );
  }
}
