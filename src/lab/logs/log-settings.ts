import type { OAuthMembers } from "./oauth-members.ts";

/** What differs between the servers that write the logs. */
export interface LogSettings {
  /** `15.02.2562.041`. */
  readonly version: string;
  /** The columns of Exchange 2013 instead of those of later versions. */
  readonly isOf2013: boolean;
  readonly oauthMembers: OAuthMembers;
}

/** One log, or the logs of one kind. */
export interface Log<T> {
  readonly add: (entry: T) => void;
  /** Resolves when every row is on the disk. Throws ToolError when one could not be written. */
  readonly close: () => Promise<void>;
}
