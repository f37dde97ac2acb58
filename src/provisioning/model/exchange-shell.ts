// What the engine knows of a shell that has the Exchange cmdlets: data in, data out. How the shell is reached and spoken
// to is the business of start-shell.ts.

export type WireValue = string | number | boolean | null | readonly WireValue[] | { readonly [key: string]: WireValue };
export type WireObject = Readonly<Record<string, WireValue>>;

/** An error as the engine told it: by type and id, never by its (localised) text. */
export interface WireError {
  /** The exception's type name, for example `ManagementObjectNotFoundException`. */
  readonly type: string;
  /** PowerShell's FullyQualifiedErrorId, less the request ids that a remote server puts before it. */
  readonly id: string;
  readonly category: string;
  /** In the language of the server's administrator: for people, never to decide by. */
  readonly message: string;
}

export type ShellAnswer =
  | { readonly ok: true; readonly objects: readonly WireObject[]; readonly warnings: readonly string[] }
  /** effectUnknown: the call may have had its effect (time limit, shell died): check before anything else. */
  | { readonly ok: false; readonly error: WireError; readonly effectUnknown: boolean };

export interface ExchangeShell {
  /** Runs one allow-listed cmdlet; parameters travel as data, never as script. Never rejects for a cmdlet's error. */
  call(cmdlet: string, parameters: WireObject): Promise<ShellAnswer>;
  /** Lets the call under way end, then ends the shell. */
  stop(): Promise<void>;
}

/** One step of an emitted script. A parameter `{ ref: "s2.account.Guid" }` is the Guid that the step s2.account found or made. */
export interface ScriptItem {
  readonly stepId: string;
  /** One sentence for the person who reads the script. */
  readonly title: string;
  readonly cmdlet: string;
  readonly parameters: WireObject;
  /**
   * Asked before the cmdlet is run and again after it. `presentWhen` says when nothing has to be done: `any` when one
   * object is enough, else conditions on one object such as `Enabled=True;AssignmentMethod=Direct`, joined by semicolons.
   */
  readonly check: {
    readonly cmdlet: string;
    readonly parameters: WireObject;
    readonly presentWhen: string;
    /** Written as `presentWhen`: an object that is not as wanted and must not get a second one beside it. Stops the script. */
    readonly conflictWhen?: string;
  };
  /** Instead of the stop: the one object of `conflictWhen` is set as wanted, by its Guid. Two of them still stop. */
  readonly adjust?: { readonly cmdlet: string; readonly parameters: WireObject };
  /**
   * The cmdlet is run once for each object of the check whose Name is not kept, with `-Identity <prefix><Name>`. Nothing
   * has to be done when only the kept ones are left; `presentWhen` does not count.
   */
  readonly forEach?: { readonly prefix: string; readonly keep: readonly string[] };
}
