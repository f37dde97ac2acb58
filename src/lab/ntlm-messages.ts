// NTLM messages in the layout of [MS-NLMP] 2.2.1, as far as the lab needs them. The cryptography is not real.
import { createHash } from "node:crypto";

const signature = Buffer.from("NTLMSSP\0", "latin1");
const flags = 0xe2088297;

export interface Account {
  readonly domain: string;
  readonly name: string;
  readonly password: string;
}

/** NEGOTIATE_MESSAGE ([MS-NLMP] 2.2.1.1). */
export function negotiateMessage(): string {
  return Buffer.concat([signature, uint32(1), uint32(flags), Buffer.alloc(24)]).toString("base64");
}

/** CHALLENGE_MESSAGE ([MS-NLMP] 2.2.1.2). */
export function challengeMessage(): string {
  const target = Buffer.from("CONTOSO", "utf16le");
  const fields = Buffer.concat([uint16(target.length), uint16(target.length), uint32(56)]);
  const challenge = Buffer.from("0123456789abcdef", "hex");
  return Buffer.concat([signature, uint32(2), fields, uint32(flags), challenge, Buffer.alloc(24), target]).toString(
    "base64",
  );
}

/** AUTHENTICATE_MESSAGE ([MS-NLMP] 2.2.1.3); the response is a digest of the account, enough for the lab to recognise it. */
export function authenticateMessage(account: Account): string {
  const digest = createHash("sha256").update(JSON.stringify(account)).digest().subarray(0, 24);
  const parts = [
    Buffer.alloc(24),
    digest,
    Buffer.from(account.domain, "utf16le"),
    Buffer.from(account.name, "utf16le"),
    Buffer.from("SFB", "utf16le"),
    Buffer.alloc(0),
  ];
  let offset = 64;
  const fields = parts.map((part) => {
    const field = Buffer.concat([uint16(part.length), uint16(part.length), uint32(offset)]);
    offset += part.length;
    return field;
  });
  return Buffer.concat([signature, uint32(3), ...fields, uint32(flags), ...parts]).toString("base64");
}

/** The message type of a base64 NTLM message; 0 for any other text. */
export function ntlmType(base64: string): number {
  const bytes = Buffer.from(base64, "base64");
  return bytes.length >= 12 && bytes.subarray(0, 8).equals(signature) ? bytes.readUInt32LE(8) : 0;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
