// What a row of a server's log says, whichever log it is. A row has no bytes, no challenge and no body: it is never turned into
// a transaction.

/** The log that a row comes from. */
export type LogKind =
  | "http-proxy"
  | "ews"
  | "autodiscover"
  | "oauth-outbound"
  | "iis"
  | "http-err"
  | "windows-event"
  | "entra-sign-in";

/** How the caller of a row signed in; `bearer-unauthenticated` is an empty probe or a refused token: only an error tells them apart. */
export type LogSignIn =
  | "bearer"
  | "bearer-unauthenticated"
  | "basic"
  | "ntlm"
  | "negotiate"
  | "forms"
  | "none"
  | "unknown";

/** The place in a row that names the calling application. */
export type CallerSource = "AuthenticatedUser" | "OAuthExtraInfo" | "token" | "event" | "sign-in log";

export interface LogRow {
  /** `l1`, `l2`… in the order in which the rows of a run are judged. */
  readonly id: string;
  readonly log: LogKind;
  /** Path of the file as it was given, and the row's line from 1: what an administrator opens. */
  readonly file: string;
  readonly line: number;
  readonly side: "front-end" | "back-end" | "token-service";
  readonly direction: "to-exchange" | "to-cloud";
  /** Epoch milliseconds. */
  readonly endedAt: number;
  readonly startedAt: number | null;
  /** The server that wrote the row; empty when the row does not name it. */
  readonly server: string;
  /** The host that was called (of a token request: the token service), in lower case; empty when not shown. */
  readonly host: string;
  /** Address of the client without its port; empty when not shown. */
  readonly client: string;
  readonly method: string;
  readonly path: string;
  readonly status: number | null;
  readonly backEndStatus: number | null;
  readonly userAgent: string;
  readonly requestId: string | null;
  readonly clientRequestId: string | null;
  readonly signIn: LogSignIn;
  /** Application id in lower case. */
  readonly caller: { readonly applicationId: string; readonly shownBy: CallerSource } | null;
  /** The call acts as a user. `keys`: the kinds of names (`smtp`, `sip`, `oid`…), never their values. `isVerified`: `ActAsUserVerified`. */
  readonly actsAs: { readonly keys: readonly string[]; readonly isVerified: boolean | null } | null;
  /** A person's account (SID or name) is what the row names as signed in. The account itself is not kept. */
  readonly isPerson: boolean;
  readonly realm: string | null;
  /** A token as Exchange prints it (`header.claims; actor: header.claims`, decoded from base64); a raw token is in it where Exchange could not parse it. */
  readonly printedToken: string | null;
  /** Of EWS: the SOAP operation. Of OAuthOutbound: the operation of the log (`GetNewACSToken`). Of an event: its number. Of a sign-in: the application id of the resource. */
  readonly operation: string | null;
  /** OAuthOutbound and sign-ins: a token was given (true), refused (false); null elsewhere and where the row does not tell. */
  readonly isTokenGiven: boolean | null;
  /** `code`: of the 2000000 series, AADSTS, a Windows event or IIS sub-status; `category`: OAuthErrorCategory, ErrorCode or result name. */
  readonly refusal: { readonly code: number | null; readonly category: string | null; readonly text: string } | null;
  /** Thumbprint of the certificate that the caller proved itself with, in lower-case hexadecimal digits; absent where the row does not show it. */
  readonly certificate?: string;
  /** The call failed after signing in, for this reason, such as an EWS policy (GenericErrors, AuthenticationErrors); empty without one. */
  readonly failure: string;
  /** Facts rest on members whose form is not proven for this version of Exchange (2016 and later). */
  readonly isFormUnproven: boolean;
}

/**
 * What a reader saw of a log file since its last such event: sums of all of them are the totals of the file. Rows that are not
 * `log-row` events are in `dropped`.
 */
export interface LogFileReport {
  readonly file: string;
  /** Of a failed-request trace, `kept` is its transaction, with its token as it was sent. */
  readonly log: LogKind | "failed-request";
  /** Epoch milliseconds. */
  readonly at: number;
  readonly server: string;
  /** Rows that became events. */
  readonly kept: number;
  /** Other readable rows: Exchange's own probes and hops, persons' sign-ins, rows without a sign-in. */
  readonly dropped: number;
  /** Lines that could not be read: torn, too long, of another shape. */
  readonly unreadable: number;
  /** Times of the first and the last row; null without rows. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** Columns that judging needs and the file lacks. */
  readonly missingColumns: readonly string[];
}
