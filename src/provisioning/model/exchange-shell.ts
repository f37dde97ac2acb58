// The port to a shell that has the Exchange cmdlets: data in, data out. exchange/start-shell.ts implements it.

export type WireValue = string | number | boolean | null | readonly WireValue[] | { readonly [key: string]: WireValue };
export type WireObject = Readonly<Record<string, WireValue>>;

/** An error of a cmdlet. Code decides by type and id, never by the localised message. */
export interface WireError {
  /** The exception's type name, for example `ManagementObjectNotFoundException`. */
  readonly type: string;
  /** PowerShell's FullyQualifiedErrorId without the request ids that a remote server prefixes. */
  readonly id: string;
  readonly category: string;
  /** In the language of the server's administrator; for display only. */
  readonly message: string;
}

export type ShellAnswer =
  | { readonly ok: true; readonly objects: readonly WireObject[]; readonly warnings: readonly string[] }
  /** effectUnknown: the call may have taken effect (time limit, shell died): read the state before anything else. */
  | { readonly ok: false; readonly error: WireError; readonly effectUnknown: boolean };

export interface ExchangeShell {
  /** Runs one allow-listed cmdlet; parameters travel as data, never as script. Never rejects for a cmdlet's error. */
  call(cmdlet: string, parameters: WireObject): Promise<ShellAnswer>;
  /** Waits for the call in progress, then ends the shell. */
  stop(): Promise<void>;
}

/** One step of an emitted script. A parameter `{ ref: "s2.account.Guid" }` is the Guid of the object that step s2.account found or created. */
export interface ScriptItem {
  readonly stepId: string;
  /** One sentence for the person who reads the script. */
  readonly title: string;
  readonly cmdlet: string;
  readonly parameters: WireObject;
  /**
   * Runs before the cmdlet and again after it. `presentWhen` states when the cmdlet is not needed: `any` when one object
   * is enough, else conditions on one object such as `Enabled=True;AssignmentMethod=Direct`, joined by semicolons.
   */
  readonly check: {
    readonly cmdlet: string;
    readonly parameters: WireObject;
    readonly presentWhen: string;
    /** A second value of -Identity: what either finds counts as found. */
    readonly orIdentity?: string;
    /** Same syntax as `presentWhen`: an existing object that differs and must not get a second one beside it. Stops the script. */
    readonly conflictWhen?: string;
  };
  /** Instead of stopping, sets the one object of `conflictWhen` as wanted, by its Guid. Two such objects still stop the script. */
  readonly adjust?: { readonly cmdlet: string; readonly parameters: WireObject };
  /**
   * Runs the cmdlet once for each object of the check whose Name is not in `keep`, with `-Identity <prefix><Name>`; done
   * when only those in `keep` are left. `presentWhen` is ignored.
   */
  readonly forEach?: { readonly prefix: string; readonly keep: readonly string[] };
}
