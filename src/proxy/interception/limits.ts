/** Bounds of one running proxy. Over a limit of the capture the traffic goes on and the capture says what it left out. */
export interface Limits {
  /** Client connections at once; further ones are closed. */
  readonly connections: number;
  /** How long connecting to a target may take. */
  readonly connectMs: number;
  /** How long a client may take for its request to the proxy and its TLS handshake. */
  readonly handshakeMs: number;
  /** A connection without a byte in either direction for so long is closed. EWS keeps notification requests open for 30 minutes. */
  readonly idleMs: number;
  /** A connection of which one direction has ended is closed after so long without a byte. */
  readonly halfOpenIdleMs: number;
  /** How long `stop` waits for open exchanges. */
  readonly stopMs: number;
  /** A header block larger than this passes through but is not read. */
  readonly headBytes: number;
  /** How much of each body is kept. */
  readonly bodyBytes: number;
  /** Copies of traffic that wait to be read, all connections together. */
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
