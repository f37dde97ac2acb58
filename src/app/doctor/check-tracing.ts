import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Check, ok, warning } from "./check.ts";
import { readRequestTracing, type SiteTracing, tracesStatus, tracingCommands } from "./request-tracing.ts";

const fileName = "applicationHost.config";
/** The configuration of a large server has a few hundred kilobytes. */
const longest = 16 * 1024 * 1024;
const endpoints = [
  { application: "/EWS", file: "exchange.asmx", status: 401 },
  { application: "/Autodiscover", file: "autodiscover.svc", status: 401 },
] as const;

/** Checks whether IIS traces refused requests, by its configuration on this server or on that of the folders; none without one. */
export async function checkTracing(
  folders: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const path of new Set(folders.flatMap((folder) => placesOf(folder, environment)))) {
    const text = await readConfiguration(path);
    if (text === null) continue;
    const sites = readRequestTracing(text);
    if (typeof sites === "string") {
      const remedy = "look in IIS Manager on the server: the site, Failed Request Tracing";
      checks.push(warning("failed-requests", `${JSON.stringify(path)} ${sites}`, remedy));
      continue;
    }
    const site = sites.find(({ id }) => id === 1) ?? sites[0];
    if (site !== undefined) checks.push(checkSite(site));
  }
  return checks;
}

/** Where the configuration may be: in the folder, on the server of a share (`\\\\server\\c$\\…`), on this machine. */
function placesOf(folder: string, environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const share = /^\\\\[^\\]{1,255}\\[A-Za-z]\$(?=\\|$)/.exec(folder)?.[0];
  const inside = "System32\\inetsrv\\config";
  if (share !== undefined) return [join(folder, fileName), `${share}\\Windows\\${inside}\\${fileName}`];
  const system = environment["SystemRoot"];
  return [join(folder, fileName), ...(system === undefined ? [] : [`${system}\\${inside}\\${fileName}`])];
}

async function readConfiguration(path: string): Promise<string | null> {
  try {
    return (await stat(path)).size > longest ? null : await readFile(path, "utf8");
  } catch {
    return null;
  }
}

function checkSite(site: SiteTracing): Check {
  const name = `Failed Request Tracing of ${JSON.stringify(site.site)}`;
  const covered = endpoints.map((endpoint) => tracesStatus(site, endpoint));
  if (covered.every((one) => one === "all")) {
    const place = `${site.folder}\\W3SVC${site.id}`;
    return ok(
      "failed-requests",
      `${name} traces 401 of EWS and Autodiscover into ${place}, ${site.mostFiles} files at most`,
    );
  }
  const { on, off } = tracingCommands(site.site, "401");
  const remedy = `in an elevated PowerShell on the server: ${on.join("; ")}. To end it: ${off.join("; ")}`;
  if (!site.isOn)
    return warning("failed-requests", `${name} is off: no refusal is kept with its token and cause`, remedy);
  const isSome = covered.some((one) => one !== "none");
  const what = isSome
    ? "only some answers with 401 of EWS and Autodiscover"
    : "no answer with 401 of EWS and Autodiscover";
  return warning("failed-requests", `${name} traces ${what}`, remedy);
}
