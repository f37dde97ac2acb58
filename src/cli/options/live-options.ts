import type { Severity } from "../../diagnosis/catalogue/finding.ts";
import type { CommonOptions } from "./common-options.ts";
import type { SaveOptions } from "./save-options.ts";

/** What watch and demo share. */
export interface LiveOptions extends CommonOptions, SaveOptions {
  readonly realm?: string | undefined;
  readonly failOn?: Severity | undefined;
}
