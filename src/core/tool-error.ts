/** A failure of the tool itself (port in use, file unreadable). Faults in the traffic are findings instead. */
export class ToolError extends Error {
  /** Stable word for scripts, for example `port-in-use`. */
  readonly code: string;
  /** The next step for the person, one sentence. */
  readonly hint: string;

  constructor(code: string, message: string, options: { readonly hint: string; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "ToolError";
    this.code = code;
    this.hint = options.hint;
  }
}
