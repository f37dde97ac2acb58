// Step 4: the public auth certificate of Exchange, current and next, the same on every server. Read-only; no private key is
// ever requested. The bytes come from Get-ExchangeCertificate, so it works remotely and leaves no file on the server.

import { ToolError } from "../../core/tool-error.ts";
import { isWireObject, listProperty, onDomainController, readObjects, textProperty } from "../exchange/read-objects.ts";
import { type CertificateFacts, isThumbprint, readCertificate } from "../model/certificate.ts";
import type { WireObject } from "../model/exchange-shell.ts";
import { appIds, type Page, pages, pagesOf } from "../model/profiles.ts";
import type { Settings } from "../model/settings.ts";
import type { Observation, Ports, Step } from "../model/step.ts";
import { Stop } from "../model/stop.ts";

export const authCertificateStepId = "s4.certificate";

/**
 * Never `Set-AuthConfig -PublishCertificate`: it makes a staged next certificate the current one at once, and calls break where
 * the cloud does not have it yet.
 */
export const certificateReport =
  "MonitorExchangeAuthCertificate.ps1 -ValidateAndRenewAuthCertificate $true -IgnoreHybridConfig $true renews it; without parameters the script only reports";

const soonMs = 60 * 86_400_000;

/** The step for the certificate. `given` are certificates from files, for a run without the Exchange half: current, then next. */
export function authCertificateStep(settings: Settings, given: readonly CertificateFacts[]): Step {
  return {
    id: authCertificateStepId,
    title: "auth certificate of Exchange",
    page: {
      ...citedPage(settings),
      step: settings.profile === "skype-online" ? "4" : "5",
      text: "Export the on-premises authorization certificate.",
    },
    side: given.length > 0 ? "cloud" : "exchange",
    needs: [],
    kind: "change",
    observe: async (ports) =>
      withClock(ports, await (given.length > 0 ? fromFiles(ports, given) : observe(ports, settings))),
    plan: () => [],
    undo: () => null,
    script: () => [],
  };
}

/** The page that a step of both pages is cited from. */
export function citedPage({ profile }: Settings): Page {
  return pagesOf(profile)[0] ?? pages.teams;
}

/** Differences between clocks that Entra and Kerberos accept. */
const toleratedSkewMs = 300_000;

/** Names a wrong clock of this machine as the cause of a certificate that is out of its dates: one answer of Graph shows it. */
async function withClock(ports: Ports, judged: Observation): Promise<Observation> {
  if (judged.state !== "conflict" || !("clock" in judged.facts)) return judged;
  const skew = await readSkew(ports);
  if (skew === null || Math.abs(skew) <= toleratedSkewMs) return judged;
  const minutes = Math.round(Math.abs(skew) / 60_000);
  return {
    ...judged,
    message: `${judged.message} The clock of this machine is ${minutes} minutes ${skew > 0 ? "behind" : "ahead of"} Microsoft Graph's.`,
    hint: `Set the clock of this machine first, then make a new plan. If it is right: ${judged.hint}`,
  };
}

async function readSkew({ graph }: Ports): Promise<number | null> {
  if (graph?.clockSkewMs === undefined) return null;
  try {
    if (graph.clockSkewMs() === null) await graph.read(appIds.exchange);
  } catch (error) {
    // Also an answer that refuses the token has a date.
    if (!(error instanceof Stop)) throw error;
  }
  return graph.clockSkewMs();
}

async function fromFiles(ports: Ports, [current, next]: readonly CertificateFacts[]): Promise<Observation> {
  if (current === undefined) return { state: "absent", notes: [] };
  return judgeValidity(ports.now(), { current, next: next ?? null, nextEffective: null, previous: null });
}

interface AuthConfig {
  readonly current: CertificateFacts;
  readonly next: CertificateFacts | null;
  readonly nextEffective: string | null;
  readonly previous: string | null;
}

async function observe(ports: Ports, settings: Settings): Promise<Observation> {
  const [config] = await readObjects(ports, "Get-AuthConfig", onDomainController(ports, {}));
  const current = textProperty(config, "CurrentCertificateThumbprint");
  if (!isThumbprint(current)) {
    return {
      state: "conflict",
      facts: { CurrentCertificateThumbprint: current },
      message: `Get-AuthConfig gives ${current === "" ? "no thumbprint" : `${JSON.stringify(current)}, which is not a thumbprint`} for the current certificate.`,
      hint: "Exchange has no usable auth certificate: renew it (New-ExchangeCertificate, Set-AuthConfig) and make a new plan.",
    };
  }
  const servers = await readServers(ports, settings);
  const onServers = await readEverywhere(ports, servers, current);
  if (onServers.certificate === null) return missingEverywhere(current, servers);
  const nextThumbprint = textProperty(config, "NextCertificateThumbprint");
  const next = isThumbprint(nextThumbprint) ? (await readEverywhere(ports, servers, nextThumbprint)).certificate : null;
  const previous = textProperty(config, "PreviousCertificateThumbprint");
  const judged = judgeValidity(ports.now(), {
    current: onServers.certificate,
    next,
    nextEffective: textProperty(config, "NextCertificateEffectiveDate") || null,
    previous: isThumbprint(previous) ? previous.toUpperCase() : null,
  });
  if (judged.state !== "present" || onServers.missing.length === 0) return judged;
  return missingSomewhere(settings, judged, onServers.missing);
}

/** The servers to check: each server with mailboxes has the certificate in its own store. */
async function readServers(ports: Ports, settings: Settings): Promise<readonly string[]> {
  if (settings.server !== null) return [settings.server];
  const servers = await readObjects(ports, "Get-ExchangeServer", onDomainController(ports, {}));
  const holding = servers.filter((server) => {
    const roles = listProperty(server, "ServerRole").join(",");
    return roles === "" || /mailbox/i.test(roles);
  });
  return holding.map((server) => textProperty(server, "Fqdn") || textProperty(server, "Name"));
}

interface Everywhere {
  readonly certificate: CertificateFacts | null;
  readonly missing: readonly string[];
}

async function readEverywhere(ports: Ports, servers: readonly string[], thumbprint: string): Promise<Everywhere> {
  const missing: string[] = [];
  let certificate: CertificateFacts | null = null;
  for (const server of servers) {
    const found = await readObjects(
      ports,
      "Get-ExchangeCertificate",
      onDomainController(ports, { Server: server, Thumbprint: thumbprint }),
    );
    const read = certificateOf(found, thumbprint);
    if (read === null) missing.push(server);
    else certificate ??= read;
  }
  return { certificate, missing };
}

/** Finds the certificate by the thumbprint computed from its bytes, never by the object's own property. */
function certificateOf(objects: readonly WireObject[], thumbprint: string): CertificateFacts | null {
  for (const object of objects) {
    const raw = textProperty(object, "RawData");
    if (raw === "") continue;
    try {
      const read = readCertificate(Buffer.from(raw, "base64"), "Get-ExchangeCertificate");
      if (read.thumbprint === thumbprint.toUpperCase()) return read;
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
    }
  }
  return null;
}

function judgeValidity(now: number, config: AuthConfig): Observation {
  const { current, next } = config;
  const facts = {
    current: { ...current },
    next: next === null ? null : { ...next },
    nextEffective: config.nextEffective,
    previous: config.previous,
  };
  const hint =
    "Renew the auth certificate (MonitorExchangeAuthCertificate.ps1 -ValidateAndRenewAuthCertificate $true -IgnoreHybridConfig $true, or New-ExchangeCertificate and Set-AuthConfig), then make a new plan.";
  const conflict = (message: string): Observation => ({ state: "conflict", facts, message, hint });
  if (!current.isRsa) return conflict("The current auth certificate has no RSA key; the token service requires one.");
  const clock = new Date(now).toISOString();
  const dated = (message: string, next: string): Observation => ({
    state: "conflict",
    facts: { ...facts, clock: clock.slice(0, 10) },
    message: `${message} By the clock of this machine it is ${clock} now.`,
    hint: next,
  });
  if (Date.parse(current.notAfter) <= now)
    return dated(
      `The current auth certificate expired on ${current.notAfter}.`,
      `Compare the clock of this machine. ${hint}`,
    );
  if (Date.parse(current.notBefore) > now)
    return dated(
      `The current auth certificate is valid only from ${current.notBefore}.`,
      `Compare the clock of this machine with that of the Exchange server: a certificate that begins in the future mostly means a wrong clock. ${hint}`,
    );
  const notes: string[] = [];
  const left = Date.parse(current.notAfter) - now;
  if (left < soonMs)
    notes.push(
      `The current auth certificate expires in ${Math.floor(left / 86_400_000)} days, on ${current.notAfter}: plan its rotation.`,
    );
  if (next !== null) {
    const from = config.nextEffective === null ? "when Exchange switches" : `on ${config.nextEffective}`;
    notes.push(`A next certificate ${next.thumbprint} is staged; it becomes active ${from}. Both are uploaded.`);
  }
  return { state: "present", facts, notes };
}

function missingEverywhere(thumbprint: string, servers: readonly string[]): Observation {
  return {
    state: "conflict",
    facts: { thumbprint, servers },
    message: `The current auth certificate ${thumbprint} is not on any of the servers ${servers.join(", ") || "(none found)"}.`,
    hint: `Put it back with its private key, or renew it: ${certificateReport}. Then make a new plan.`,
  };
}

function missingSomewhere(
  settings: Settings,
  found: Extract<Observation, { state: "present" }>,
  missing: readonly string[],
): Observation {
  const facts = { ...found.facts, missing };
  const message = `The current auth certificate is missing on ${missing.join(", ")}.`;
  const differences = [
    { what: "certificate", wanted: "on every mailbox server", found: `missing on ${missing.join(", ")}` },
  ];
  if (settings.options.allowPartial) return { state: "drift", facts, differences, notes: [...found.notes, message] };
  const hint = `Put it on those servers with its private key (${certificateReport}), or upload it anyway with --allow-partial.`;
  return { state: "conflict", facts, message, hint };
}

/** The certificates that the cloud must have, as this step found them: current, then next. */
export function certificatesOf(observation: Observation | undefined): readonly CertificateFacts[] {
  if (observation?.state !== "present" && observation?.state !== "drift") return [];
  const { current, next } = observation.facts;
  return [current, next].flatMap((value) => {
    const certificate = asCertificate(value);
    return certificate === null ? [] : [certificate];
  });
}

function asCertificate(value: WireObject[string] | undefined): CertificateFacts | null {
  if (!isWireObject(value)) return null;
  const fields = value;
  const thumbprint = textProperty(fields, "thumbprint");
  if (thumbprint === "") return null;
  return {
    thumbprint,
    der: textProperty(fields, "der"),
    subject: textProperty(fields, "subject"),
    notBefore: textProperty(fields, "notBefore"),
    notAfter: textProperty(fields, "notAfter"),
    isRsa: fields.isRsa === true,
  };
}
