/** The tool itself cannot work (port taken, file unreadable). Never used for what the traffic holds: that is a Finding. */
export class ToolError extends Error {
  /** Stable word for scripts, for example `port-in-use`. */
  readonly code: string;
  /** What the person should do next, one sentence. */
  readonly hint: string;

  constructor(code: string, message: string, options: { readonly hint: string; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "ToolError";
    this.code = code;
    this.hint = options.hint;
  }
}
