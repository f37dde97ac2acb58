// The last look at a written file: a search that knows nothing of how it was made safe. It errs on the side of finding.

const signedToken = /e[yw][A-Za-z0-9_-]{10,}\.e[yw][A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/;
const privateKey = /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----/;
const basic = /\bBasic\s{1,4}([A-Za-z0-9+/]{4,2000}={0,2})/gi;

/** What is left of a secret, in our words, or null. `secrets` are those of the original capture. */
export function leakIn(bytes: Uint8Array, secrets: readonly string[]): string | null {
  const text = new TextDecoder("latin1").decode(bytes);
  if (signedToken.test(text)) return "a token with its signature";
  if (privateKey.test(text)) return "a private key";
  for (const [, credentials = ""] of text.matchAll(basic)) {
    if (isOpenCredential(credentials)) return "a Basic credential with its password";
  }
  const found = secrets.find((secret) => forms(secret).some((form) => text.includes(form)));
  return found === undefined ? null : "a secret of the original capture";
}

function isOpenCredential(credentials: string): boolean {
  let text = "";
  try {
    text = atob(credentials);
  } catch {
    return false;
  }
  return text.includes(":") && !text.endsWith(":<password>");
}

/** The text itself, in percent coding, and in base64 at each of three alignments. */
function forms(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret);
  const alignments = [0, 1, 2].map((shift) => {
    let binary = "\0".repeat(shift);
    for (const byte of bytes) binary += String.fromCharCode(byte);
    const coded = btoa(binary).replace(/=+$/, "");
    // The first and the last letters also hold bits of what stands beside.
    return coded.slice(shift === 0 ? 0 : shift + 1, -1);
  });
  const percent = encodeURIComponent(secret.replace(/\p{Surrogate}/gu, ""));
  return [...new Set([secret, percent, ...alignments])].filter((form) => form.length >= 8);
}
