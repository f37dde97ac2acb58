// Findings about the capture itself: what is missing from it, and what failed while it was made.
import type { FindingTexts } from "./finding-text.ts";

interface AtHost {
  readonly host: string;
}

export interface CaptureDetails {
  REQUEST_REFUSED: { readonly reason: string };
  CAPTURE_GAP: { readonly reason: string };
  /** `masked`: markers replace the values; `missing`: the fields are absent. */
  CREDENTIALS_REMOVED: AtHost & { readonly how: "masked" | "missing" };
  NO_SERVICE_REQUEST: object;
  HANDSHAKES_FORGOTTEN: { readonly count: number };
}

const nothingProven = "What is absent from this capture proves nothing.";

const otherProtocol =
  "The connection carries something other than HTTP/1, or a message that two readers would read differently: leave the host out of --host, or, where it should be HTTP, look at that program and at devices in between. Its bytes were relayed unchanged.";
const tooSlow =
  "Capture fewer hosts (--host), save to a local disk, or use a faster machine; --limit memory-mb=512 gives bursts more room.";
const bug = "This is a fault of realmscope: please report it with this line. The other connections are read.";

/** By the words of the reason, which are this program's own: what it contains, a reason for the page, and the remedy. */
const gapRemedies: readonly (readonly [words: string, example: string, remedy: string])[] = [
  [
    "larger than the limit",
    "the client's bytes could not be followed: a header block larger than the limit",
    "Header fields are larger than is kept: watch --limit header-kb=1024 reads larger ones. They were relayed unchanged.",
  ],
  ["could not be followed", "the server's bytes could not be followed: a status line that is malformed", otherProtocol],
  [
    "changed the protocol",
    "the server changed the protocol although the request did not offer it; what follows is not read",
    "Look at that server: a 101 that nobody asked for is a fault of the server or an attempt to hide what follows.",
  ],
  ["answer came without a request", "an answer came without a request", otherProtocol],
  [
    "more slowly than",
    "the capture was written more slowly than traffic came",
    "Save to a local disk that keeps up (watch --save), and end other programs on this machine; --limit memory-mb=512 gives bursts more room.",
  ],
  [
    "journal could not be written",
    "the journal could not be written",
    "Free disk space where --save writes, or save to another disk.",
  ],
  [
    "the program ended before",
    "the program ended before it was read",
    "Give the end more time (watch --limit stop-seconds=30), and end it with Ctrl+C or SIGTERM.",
  ],
  ["a bug in", "a bug in reading it (TypeError)", bug],
];

function gapRemedy(reason: string): string {
  return gapRemedies.find(([words]) => reason.includes(words))?.[2] ?? tooSlow;
}

export const captureTexts: FindingTexts<CaptureDetails> = {
  REQUEST_REFUSED: {
    severity: "info",
    summary: "realmscope itself refused a request: its target is denied or is its own listener.",
    onTheWire: "A CONNECT or request for a denied or link-local target, or a malformed one.",
    remedy: "See --deny, and do not point the proxy at itself.",
    step: "none",
    sentence: ({ reason }) => `A request was refused by realmscope: ${reason}.`,
  },
  CAPTURE_GAP: {
    severity: "warning",
    summary: "Part of the traffic went by without being recorded, so something may be missing here.",
    onTheWire: "The reader lost track of a connection, or a queue was full; the traffic itself went on.",
    remedy: `${tooSlow} ${nothingProven}`,
    step: "none",
    remedyFor: ({ reason }) => `${gapRemedy(reason)} ${nothingProven}`,
    examples: gapRemedies.map(([, reason]) => [`the reason is "${reason}"`, { reason }]),
    sentence: ({ reason }) => `The capture has a gap: ${reason}.`,
  },
  CREDENTIALS_REMOVED: {
    severity: "warning",
    summary:
      "The credentials are not in the capture: the program that exported it removed them, so whether OAuth or Basic was used cannot be seen.",
    onTheWire:
      "Authorization: REDACTED, Bearer [removed], *** and the like; or no Authorization field in any request to a host whose EWS, Autodiscover or REST answers need one.",
    remedy:
      'Export again with them: in the browser\'s developer tools choose "Export HAR (with sensitive data)" (Chrome and Edge leave Authorization and cookies out by default; the setting is "Allow to generate HAR with sensitive data"), elsewhere switch the scrubbing off. Then realmscope export FILE --to har makes it safe to hand on and keeps what is needed for the verdict.',
    step: "none",
    sentence: ({ host, how }) =>
      how === "masked"
        ? `The credentials of requests to ${host} were removed from the capture and markers stand in their place: neither a token nor whether Basic was used can be seen.`
        : `No request to ${host} has an Authorization field, although the answers are those to requests that have one: the program that exported the capture likely removed them, and whether Basic was used cannot be seen.`,
  },
  NO_SERVICE_REQUEST: {
    severity: "info",
    summary: "No service-to-service request was seen at all.",
    onTheWire: "Requests, but none with a service's token, probe or User-Agent.",
    remedy:
      "Make the service call (change a voicemail greeting, open the Teams calendar). If nothing arrives, open port 443 from the service's addresses to Autodiscover and EWS.",
    step: "verify-success",
    sentence: () => "No service-to-service request was seen.",
  },
  HANDSHAKES_FORGOTTEN: {
    severity: "info",
    summary: "There were more handshakes than are kept; the oldest are in the verdict but no longer in the list.",
    onTheWire: "More than 2000 different callers, clients or servers in one capture.",
    remedy: "Capture a shorter time or fewer hosts (--host).",
    step: "none",
    sentence: ({ count }) => `${count} handshakes are no longer in the list; the verdict counts them.`,
  },
};
