import type { Severity } from "../../diagnosis/catalogue/finding.ts";
import type { CommonOptions } from "./common-options.ts";

/** Options of `replay`; judging, checking, serving and sending use some of them each. */
export interface ReplayOptions extends CommonOptions {
  readonly realm?: string | undefined;
  readonly hybridApp?: string | undefined;
  readonly metadata: readonly string[];
  readonly authCert: readonly string[];
  readonly allowTruncated?: true | undefined;
  readonly together?: true | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly server?: string | undefined;
  readonly failOn?: Severity | undefined;
  readonly filter?: string | undefined;
  readonly tui?: true | undefined;
  readonly expect?: string | undefined;
  readonly writeExpect?: string | undefined;
  readonly snapshot?: string | undefined;
  readonly updateSnapshot?: true | undefined;
  readonly reporter: readonly string[];
  readonly serve?: string | undefined;
  readonly send?: true | undefined;
  readonly reverse?: string | undefined;
  readonly host: readonly string[];
  readonly save?: string | undefined;
  readonly keepTimes?: true | undefined;
  readonly strict?: true | undefined;
  readonly beyondLoopback?: true | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly upstreamCa: readonly string[];
}
