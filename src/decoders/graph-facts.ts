// The facts of a call to Microsoft Graph. Types only.

/** What a Graph call reads, by the end of its path; `batch` carries several calls, `unknown` is any other path. */
export type GraphFamily = "free-busy" | "mail-tips" | "mailbox-settings" | "photo" | "batch" | "unknown";

/**
 * Why Graph answers with an error, by its code; the text only refines the causes of a refused token and names a policy, because
 * Microsoft may change it at any time. `token`: the code says that the token is not taken and the text does not say why.
 */
export type GraphCause =
  | "token"
  | "token-missing"
  | "token-expired"
  | "token-audience"
  | "token-signature"
  | "token-malformed"
  | "token-revoked"
  | "application-unknown"
  | "permission"
  | "policy"
  | "mailbox-not-online"
  | "user-unknown"
  | "throttled"
  | "unknown";

/** An error in the form of Graph: `{ "error": { "code": …, "message": …, "innerError": … } }`. */
export interface GraphError {
  /** `error.code`: letters, digits, dots and underscores, at most 64; empty where the answer has none. Captured text. */
  readonly code: string;
  /** More specific codes of nested `innerError` objects, at most 4, in the same form. */
  readonly innerCodes: readonly string[];
  readonly cause: GraphCause;
}

/** One answer inside the answer of a batch. */
export interface BatchedAnswer {
  /** `unknown` also where no request of the batch has its id. */
  readonly family: GraphFamily;
  readonly status: number;
  readonly error: GraphError | null;
}

/** One call to a host of Microsoft Graph; `TransactionFacts` has null for any other host. */
export interface GraphFacts {
  readonly family: GraphFamily;
  /** Null without an error in the form of Graph. */
  readonly error: GraphError | null;
  /** Distinct codes of errors for single mailboxes inside a success, at most 8: letters, digits, dots and underscores. */
  readonly itemErrors: readonly string[];
  /** The answers of a batch, at most 20 (the limit of Graph); empty for any other call. */
  readonly batch: readonly BatchedAnswer[];
}
