// A 401 that a person pasted without a challenge: of a head alone it is not known whether the challenge was copied.
import { expect, test } from "vitest";
import { decodeText } from "../../src/decoders/pasted/decode-text.ts";
import { judgeValue } from "../../src/diagnosis/judge-value.ts";

const head =
  "POST /EWS/Exchange.asmx HTTP/1.1\nHost: mail.contoso.example\nAuthorization: Bearer\n\nHTTP/1.1 401 Unauthorized\nServer: Microsoft-IIS/10.0\nContent-Length: 20";
const codes = async (text: string): Promise<readonly string[]> =>
  (await judgeValue(decodeText(text).subject)).map(({ code }) => code);

test("a head alone accuses no device of the missing challenge", async () => {
  expect(await codes(head)).not.toContain("CHALLENGE_MISSING");
  expect(await codes(`${head}\n\n`)).not.toContain("CHALLENGE_MISSING");
});

test("a head with the body after it is whole", async () => {
  expect(await codes(`${head}\n\n<html>denied</html>\n`)).toContain("CHALLENGE_MISSING");
});

test("a challenge is a challenge, with or without a body", async () => {
  const challenged = `${head}\nWWW-Authenticate: Negotiate\n\n<html>denied</html>`;
  expect(await codes(challenged)).not.toContain("CHALLENGE_MISSING");
});
