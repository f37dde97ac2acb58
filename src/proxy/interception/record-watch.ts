/** Finds out whether a TLS client sends application data, by the headers of its records (RFC 8446 5.1). */
export interface RecordWatch {
  /** The next bytes of the client; true once a record of application data has begun. */
  push(bytes: Uint8Array): boolean;
}

const [changeCipherSpec, handshake, applicationData] = [20, 22, 23];
/** TLS 1.3 protects an alert as application data: 2 bytes, their type, and a tag of 16. */
const alertLength = 19;
/** A Finished of TLS 1.2 under any of its ciphers. A second ClientHello is longer. */
const finishedLimit = 100;

export function createRecordWatch(): RecordWatch {
  const header = new Uint8Array(5);
  let [filled, left, hasChanged, hasFinished, hasSpoken] = [0, 0, false, false, false];
  const take = (): void => {
    const [type] = header;
    left = ((header[3] ?? 0) << 8) | (header[4] ?? 0);
    if (type === changeCipherSpec) hasChanged = true;
    if (type === handshake && hasChanged && left < finishedLimit) hasFinished = true;
    if (type !== applicationData) return;
    // The first such record of TLS 1.3 is the Finished.
    if (hasFinished && left !== alertLength) hasSpoken = true;
    hasFinished = true;
  };
  return {
    push(bytes) {
      let at = 0;
      while (at < bytes.length && !hasSpoken) {
        if (left > 0) {
          const skipped = Math.min(left, bytes.length - at);
          at += skipped;
          left -= skipped;
        } else {
          header[filled] = bytes[at] ?? 0;
          at += 1;
          filled = (filled + 1) % header.length;
          if (filled === 0) take();
        }
      }
      return hasSpoken;
    },
  };
}
