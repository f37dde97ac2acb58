// A configuration file that is found from the working folder upward comes with the folder: with a checkout, an archive, a share.
// It is data of whoever made the folder. So it decides nothing that a secret or a program hangs on, and one that another user
// could have written is not read at all. A file that is named by --config, a flag and the environment are the person's own word.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { replaceableByOthers, writableByOthers } from "../core/file-owner.ts";
import { ToolError } from "../core/tool-error.ts";

/** Reads a found file. Throws ToolError for one that others could have written, and the file system's errors. */
export function readFound(path: string): string {
  // Without waiting: somebody may have put a pipe there.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = fstatSync(descriptor);
    const problem = status.isFile() ? foreignHand(path, status) : "is not a regular file";
    if (problem !== null) {
      throw new ToolError("foreign-configuration", `The configuration file ${JSON.stringify(path)} ${problem}.`, {
        hint: `It was found by search and is not read; if you trust it, name it: --config ${JSON.stringify(path)}.`,
      });
    }
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

/** Who else could have written the file, or put it there: by its owner and mode, by a link, by the folders of both. */
function foreignHand(path: string, status: Stats): string | null {
  const user = process.geteuid?.();
  const link = lstatSync(path);
  const ownLink = link.isSymbolicLink() && user !== undefined && link.uid !== user && link.uid !== 0;
  const folders = new Set([dirname(path), dirname(realpathSync(path))]);
  const inFolder = [...folders]
    .map((folder) => replaceableByOthers(statSync(folder), user))
    .find((why) => why !== null);
  if (ownLink) return "is a link that belongs to another user";
  return writableByOthers(status, user) ?? (inFolder === undefined ? null : `lies in a folder that ${inFolder}`);
}

/** Keys of "provisioning" that a found file must not have: which program runs, who is signed in and where, which server and file. */
const provisioningFlags: Readonly<Record<string, string>> = {
  powershell: "--powershell",
  exchange: "--exchange",
  exchangeHost: "--exchange-host",
  lab: "--lab",
  graphUrl: "--graph-url",
  loginUrl: "--login-url",
  signIn: "--sign-in",
  clientId: "--client-id",
  clientCertificate: "--client-certificate",
};

/** Refuses a found file that decides where a secret goes, what runs, or which hosts are opened. Throws ToolError. */
export function refuseDecisions(path: string, parsed: Readonly<Record<string, unknown>>): void {
  const [first] = decisionsOf(parsed);
  if (first === undefined) return;
  const [key, flag] = first;
  const orFlag = flag === null ? "" : `give ${flag} instead, or `;
  throw new ToolError(
    "foreign-configuration",
    `The configuration file ${JSON.stringify(path)} was found by search and may not decide ${key}.`,
    { hint: `To use it, ${orFlag}name the file: --config ${JSON.stringify(path)}.` },
  );
}

function decisionsOf({ hosts, copy, provisioning }: Readonly<Record<string, unknown>>): [string, string | null][] {
  const answers: Readonly<Record<string, unknown>> =
    typeof provisioning === "object" && provisioning !== null ? { ...provisioning } : {};
  return [
    ...Object.entries(provisioningFlags).flatMap(([key, flag]): [string, string][] =>
      Object.hasOwn(answers, key) ? [[`provisioning.${key}`, flag]] : [],
    ),
    ...(answers.cloud === "custom" ? [["provisioning.cloud (custom)", "--cloud"] satisfies [string, string]] : []),
    ...(hosts === undefined ? [] : [["hosts", "--host"] satisfies [string, string]]),
    // This way of copying gives a program what was unmasked.
    ...(copy === "native" ? [["copy (native)", null] satisfies [string, null]] : []),
  ];
}
