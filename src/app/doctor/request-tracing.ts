// Failed Request Tracing of IIS, from the text of its configuration: which requests it traces, and the commands that switch it on and
// off. Sources: "Trace Failed Requests <traceFailedRequests>" and "<traceFailedRequestsLogging>" (learn.microsoft.com/iis/configuration).
import { childOf, readXmlElement, type XmlElement } from "../../server-logs/records/xml-element.ts";

export interface TracingRule {
  /** Where it is written: `Default Web Site/EWS`; empty for the whole server. */
  readonly location: string;
  /** Pattern of names of files, as `*` or `*.asmx`. */
  readonly path: string;
  /** As configured: `401`, `401.1,403`, `400-599`; empty where only the time taken counts. */
  readonly statuses: string;
  /** The provider that writes the heads of request and answer is traced, with all its events. */
  readonly hasHeads: boolean;
}

export interface SiteTracing {
  readonly site: string;
  readonly id: number;
  readonly isOn: boolean;
  /** As configured, with variables as `%SystemDrive%`, without the folder `W3SVC<id>` of the site. */
  readonly folder: string;
  readonly mostFiles: number;
  readonly rules: readonly TracingRule[];
}

const defaultFolder = "%SystemDrive%\\inetpub\\logs\\FailedReqLogFiles";
const defaultFiles = 50;
const limits = { elements: 200_000, depth: 64 };

/** The sites of `applicationHost.config`; a text when it cannot be read, to follow the file's name. */
export function readRequestTracing(applicationHost: string): readonly SiteTracing[] | string {
  const start = applicationHost.indexOf("<configuration");
  const root = readXmlElement(start === -1 ? "" : applicationHost.slice(start), limits);
  if (typeof root === "string") return `cannot be read: ${root}`;
  const sites = childOf(childOf(root, "system.applicationHost"), "sites");
  const defaults = childOf(childOf(sites, "siteDefaults"), "traceFailedRequestsLogging");
  return (sites?.children ?? [])
    .filter(({ name }) => name === "site")
    .map((site) => siteTracing(site, defaults, rulesAt(root, site.attributes.get("name") ?? "")));
}

function siteTracing(site: XmlElement, defaults: XmlElement | undefined, rules: readonly TracingRule[]): SiteTracing {
  const own = childOf(site, "traceFailedRequestsLogging");
  const value = (name: string): string => own?.attributes.get(name) ?? defaults?.attributes.get(name) ?? "";
  return {
    site: site.attributes.get("name") ?? "",
    id: wholeNumber(site.attributes.get("id") ?? "") ?? 0,
    isOn: value("enabled").toLowerCase() === "true",
    folder: value("directory") || defaultFolder,
    mostFiles: wholeNumber(value("maxLogFiles")) ?? defaultFiles,
    rules,
  };
}

/** The rules that hold for a site and what is below it: those of the server, and of `<location>`s of the site. */
function rulesAt(root: XmlElement, site: string): readonly TracingRule[] {
  const sections = [
    { location: "", element: root },
    ...root.children
      .filter(({ name }) => name === "location")
      .map((element) => ({ location: element.attributes.get("path") ?? "", element })),
  ];
  return sections
    .filter(({ location }) => location === "" || location === "." || isBelow(location, site))
    .flatMap(({ location, element }) => rulesIn(element, location === "." ? "" : location));
}

/** The rules in the text of a `web.config` that is at a location, as `Default Web Site/EWS`. */
export function readTracingRules(webConfig: string, location: string): readonly TracingRule[] {
  const start = webConfig.indexOf("<configuration");
  const root = readXmlElement(start === -1 ? "" : webConfig.slice(start), limits);
  return typeof root === "string" ? [] : rulesIn(root, location);
}

function rulesIn(element: XmlElement, location: string): readonly TracingRule[] {
  const tracing = childOf(childOf(element, "system.webServer"), "tracing");
  const added = (childOf(tracing, "traceFailedRequests")?.children ?? []).filter(({ name }) => name === "add");
  return added.map((rule) => ({
    location,
    path: rule.attributes.get("path") ?? "",
    statuses: childOf(rule, "failureDefinitions")?.attributes.get("statusCodes") ?? "",
    hasHeads: (childOf(rule, "traceAreas")?.children ?? []).some(isWithHeads),
  }));
}

function isWithHeads({ name, attributes }: XmlElement): boolean {
  const verbosity = attributes.get("verbosity") ?? "Verbose";
  return name === "add" && attributes.get("provider")?.toLowerCase() === "www server" && /^verbose$/i.test(verbosity);
}

/**
 * Whether a site traces the answers with a status to an endpoint: `all`, `some` where only sub-statuses are named, or `none`.
 * `application` is `/EWS` or `/Autodiscover`, `file` the last part of the path, as `exchange.asmx`.
 */
export function tracesStatus(
  { isOn, rules, site }: SiteTracing,
  { application, file, status }: { readonly application: string; readonly file: string; readonly status: number },
): "all" | "some" | "none" {
  if (!isOn) return "none";
  const covered = rules
    .filter(({ location }) => location === "" || isBelow(`${site}${application}`, location))
    .filter(({ path, hasHeads }) => hasHeads && matches(path, file))
    .map(({ statuses }) => covers(statuses, status));
  return covered.includes("all") ? "all" : covered.includes("some") ? "some" : "none";
}

/** True for a location that is a place itself or below it; names are compared without letter case. */
function isBelow(location: string, place: string): boolean {
  const [one, other] = [location.toLowerCase(), place.toLowerCase()];
  return one === other || one.startsWith(`${other}/`);
}

function covers(statuses: string, status: number): "all" | "some" | "none" {
  let result: "all" | "some" | "none" = "none";
  for (const part of statuses.slice(0, 1024).split(",")) {
    const [, from = "", sub, to] = /^\s*(\d{3})(\.\d{1,3})?\s*(?:-\s*(\d{3})(?:\.\d{1,3})?)?\s*$/.exec(part) ?? [];
    if (from === "" || Number(from) > status || Number(to ?? from) < status) continue;
    if (sub === undefined || to !== undefined) return "all";
    result = "some";
  }
  return result;
}

/** Patterns have `*` for any text; without one a pattern is the end of a path. */
function matches(pattern: string, file: string): boolean {
  const [name, wanted] = [file.toLowerCase(), pattern.toLowerCase().slice(0, 256)];
  const parts = wanted.split("*");
  const [first = "", ...rest] = parts;
  if (rest.length === 0) return wanted === name;
  const last = rest.at(-1) ?? "";
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest.slice(0, -1)) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}

function wholeNumber(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

export interface TracingCommands {
  /** For an elevated PowerShell, as the Exchange Management Shell. */
  readonly on: readonly string[];
  readonly off: readonly string[];
}

const heads = "provider='WWW Server',areas='Authentication,Security,RequestNotifications,Module',verbosity='Verbose'";

/**
 * The commands that trace answers with these statuses (`401`, `200,401`) to EWS and Autodiscover of a site, and the one that ends it
 * and takes the rules away. They write to applicationHost.config: a changed web.config would restart the application.
 */
export function tracingCommands(site: string, statuses: string): TracingCommands {
  const name = `'${site.replaceAll("'", "''")}'`;
  const appcmd = "& $env:windir\\System32\\inetsrv\\appcmd.exe";
  const section = "/section:system.webServer/tracing/traceFailedRequests";
  const change = (text: string): string => `${appcmd} set config "$site/$_" ${section} "${text}" /commit:apphost`;
  const each = (...changes: readonly string[]): string =>
    `$site = ${name}; 'EWS', 'Autodiscover' | ForEach-Object { ${changes.map(change).join("; ")} }`;
  const log = (isOn: boolean): string =>
    `${appcmd} set site ${name} /traceFailedRequestsLogging.enabled:${isOn} /commit:apphost`;
  const rule = [
    "/+[path='*']",
    `/+[path='*'].traceAreas.[${heads}]`,
    `/[path='*'].failureDefinitions.statusCodes:${statuses}`,
  ];
  return { on: [each(...rule), log(true)], off: [`${log(false)}; ${each("/-[path='*']")}`] };
}
