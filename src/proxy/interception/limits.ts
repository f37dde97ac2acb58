/**
 * Bounds of one running proxy. Over a limit of the capture the traffic continues, and the capture records what it
 * omitted.
 */
export interface Limits {
  /** Client connections at once; further ones are closed. */
  readonly connections: number;
  /** Time for connecting to a target. */
  readonly connectMs: number;
  /** Time for a client's request to the proxy, and for a TLS handshake. */
  readonly handshakeMs: number;
  /**
   * A connection without a byte in either direction for this long is closed. EWS notification requests stay open for 30
   * minutes.
   */
  readonly idleMs: number;
  /** The same for a connection of which one direction has ended. */
  readonly halfOpenIdleMs: number;
  /** Time that `stop` waits for pending requests. */
  readonly stopMs: number;
  /** A larger header block is relayed but not read. */
  readonly headBytes: number;
  /** Bytes kept of each body. */
  readonly bodyBytes: number;
  /** Copied traffic that waits to be read, all connections together. */
  readonly tapQueueBytes: number;
  /** Events that wait for the consumer. */
  readonly eventQueueBytes: number;
  readonly eventQueueLength: number;
}

export const defaultLimits: Limits = {
  connections: 4096,
  connectMs: 10_000,
  handshakeMs: 20_000,
  idleMs: 3_600_000,
  halfOpenIdleMs: 120_000,
  stopMs: 5_000,
  headBytes: 256 * 1024,
  bodyBytes: 1024 * 1024,
  tapQueueBytes: 32 * 1024 * 1024,
  eventQueueBytes: 64 * 1024 * 1024,
  eventQueueLength: 20_000,
};
