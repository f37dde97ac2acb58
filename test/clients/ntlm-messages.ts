// The messages of [MS-NLMP] 2.2.1 that a server needs to let a client sign in without checking who it is.

const signature = Buffer.from("NTLMSSP\0", "latin1");

/** 1, 2 or 3; null for anything else. */
export function messageType(base64: string): number | null {
  const bytes = Buffer.from(base64, "base64");
  return bytes.subarray(0, 8).equals(signature) ? bytes.readUInt32LE(8) : null;
}

/** CHALLENGE_MESSAGE: target CONTOSO, Unicode, NTLM, extended session security, with an empty list of target information. */
export function challengeMessage(): string {
  const target = Buffer.from("CONTOSO", "utf16le");
  const domain = Buffer.concat([pair(2, target), pair(1, Buffer.from("EX01", "utf16le")), pair(0, Buffer.alloc(0))]);
  const head = Buffer.alloc(48);
  signature.copy(head);
  head.writeUInt32LE(2, 8);
  head.writeUInt16LE(target.length, 12);
  head.writeUInt16LE(target.length, 14);
  head.writeUInt32LE(48, 16);
  // UNICODE, REQUEST_TARGET, NTLM, ALWAYS_SIGN, TARGET_TYPE_DOMAIN, EXTENDED_SESSIONSECURITY, TARGET_INFO.
  head.writeUInt32LE(0x0089_8205, 20);
  head.write("01234567", 24, "latin1");
  head.writeUInt16LE(domain.length, 40);
  head.writeUInt16LE(domain.length, 42);
  head.writeUInt32LE(48 + target.length, 44);
  return Buffer.concat([head, target, domain]).toString("base64");
}

/** AV_PAIR. */
function pair(id: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
}
