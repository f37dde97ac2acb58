// The facts of the look-up with which Teams begins. Types only.

/** A look-up of Autodiscover v2, which needs no sign-in, and its answer. The address in it is never kept. */
export interface Discovery {
  /** The protocol whose address is wanted (`EWS`): letters and digits. */
  readonly protocol: string;
  /** Host of the address or of the redirect, in lower case without port; empty when there is none. */
  readonly host: string;
  /** `sent-on`: a redirect to another look-up; `sign-in`: another redirect; `page`: a web page. */
  readonly answer: "address" | "sent-on" | "sign-in" | "page" | "other" | "none";
  /** `ErrorCode` of the answer, letters only; empty when there is none. */
  readonly errorCode: string;
}
