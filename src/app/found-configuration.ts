// A configuration file that is found from the working folder upward comes with a checkout, an archive or a share: whoever made
// the folder chose its content. So it must not decide where a secret goes or which program runs, and one that another user
// could have written is not read at all. A file that is named with --config, a flag and the environment are the user's own choice.
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

/** Reads a found file. Throws ToolError `foreign-configuration` for one that others could have written, and errors of the file system. */
export function readFound(path: string): string {
  // Non-blocking: a pipe in its place would block the open.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = fstatSync(descriptor);
    const problem = status.isFile() ? foreignWriter(path, status) : "is not a regular file";
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

/** Why another user could have written or placed the file: its owner and mode, a link, or the folders of both; null when none could. */
function foreignWriter(path: string, status: Stats): string | null {
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

/** Keys of "provisioning" that a found file must not have, with their flags: they choose programs, servers, accounts and files. */
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

/** Throws ToolError `foreign-configuration` for a found file that decides where a secret goes, what runs, or which hosts are opened. */
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
    // Native copying passes unmasked text to a program.
    ...(copy === "native" ? [["copy (native)", null] satisfies [string, null]] : []),
  ];
}
