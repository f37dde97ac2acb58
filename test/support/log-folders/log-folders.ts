// The log folders of captures/logs and the answer that each must get. Rows and answers are written from what is publicly known of
// the logs and from docs/logs.md ("What a verdict from logs says"), never from what the program printed.
import { confirmingFolders } from "./confirming.ts";
import type { LogFolder } from "./folder-parts.ts";
import { refusingFolders } from "./refusing.ts";
import { undecidedFolders } from "./undecided.ts";

export const logFolders: readonly LogFolder[] = [...confirmingFolders, ...undecidedFolders, ...refusingFolders];
