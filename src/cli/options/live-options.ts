import type { Severity } from "../../diagnosis/catalogue/finding.ts";
import type { CommonOptions, SaveOptions } from "./common-options.ts";

/** Options that `watch` and `demo` share. */
export interface LiveOptions extends CommonOptions, SaveOptions {
  readonly realm?: string | undefined;
  readonly hybridApp?: string | undefined;
  readonly failOn?: Severity | undefined;
}
