import { describe, expect, test } from "vitest";
import type { HttpTransaction } from "../../src/core/http-transaction.ts";
import { fieldsToSend } from "../../src/playback/message-fields.ts";
import { digestOf, indexAnswers } from "../../src/playback/saved-answers.ts";

let count = 0;
function saved(over: { method?: string; host?: string; target?: string; body?: string; at?: number }): HttpTransaction {
  count += 1;
  const { method = "POST", host = "mail.contoso.example", target = "/EWS/Exchange.asmx", body = "", at = count } = over;
  const bytes = new TextEncoder().encode(body);
  return {
    id: `t${count}`,
    connection: "c1",
    client: "",
    startedAt: at,
    durationMs: 1,
    scheme: "https",
    host,
    port: 443,
    request: {
      method,
      target,
      version: "HTTP/1.1",
      headers: [["Host", host]],
      trailers: [],
      body: { bytes, totalBytes: bytes.length, truncated: false, contentCoding: null },
    },
    response: null,
    failure: null,
  };
}

function asked(over: { method?: string; host?: string; path?: string; body?: string }) {
  const { method = "POST", host = "mail.contoso.example", path = "/EWS/Exchange.asmx", body = "" } = over;
  return { method, host, path, digest: digestOf(new TextEncoder().encode(body)) };
}

describe("saved answers", () => {
  test("are found by method, host, path and body", () => {
    const [get, post, other] = [saved({ method: "GET" }), saved({ body: "a" }), saved({ body: "b" })];
    const answers = indexAnswers([get, post, other, saved({ host: "other.example", body: "a" })], { isStrict: true });
    expect(answers.find(asked({ body: "b" }))).toMatchObject({ transaction: { id: other.id }, level: "exact" });
    expect(answers.find(asked({ body: "a" }))?.transaction.id).toBe(post.id);
    expect(answers.find(asked({ method: "GET" }))?.transaction.id).toBe(get.id);
    expect(answers.find(asked({ body: "c" }))).toBeNull();
    expect(answers.find(asked({ host: "nobody.example", body: "a" }))).toBeNull();
    expect(answers.counts()).toEqual({ saved: 4, unused: 1 });
  });

  test("come in the order of their time, and the last one again", () => {
    const [later, first] = [saved({ at: 200 }), saved({ at: 100 })];
    const answers = indexAnswers([later, first], { isStrict: false });
    const ids = [1, 2, 3].map(() => answers.find(asked({}))?.transaction.id);
    expect(ids).toEqual([first.id, later.id, later.id]);
  });

  test("of a sanitised body or query are found without it, and report that", () => {
    const answers = indexAnswers([saved({ body: "made safe", target: "/x?code=redacted-abcd" })], { isStrict: false });
    expect(answers.find(asked({ body: "as it was", path: "/x?code=redacted-abcd" }))?.level).toBe("body-differs");
    expect(answers.find(asked({ body: "as it was", path: "/x?code=secret" }))?.level).toBe("query-differs");
    const strict = indexAnswers([saved({ body: "made safe" })], { isStrict: true });
    expect(strict.find(asked({ body: "as it was" }))).toBeNull();
  });

  test("that were sent are skipped while there are others", () => {
    const [exact, plain] = [saved({ body: "a" }), saved({ body: "b" })];
    const answers = indexAnswers([exact, plain], { isStrict: false });
    expect(answers.find(asked({ body: "a" }))?.transaction.id).toBe(exact.id);
    expect(answers.find(asked({ body: "zzz" }))?.transaction.id).toBe(plain.id);
  });

  test("are found for any host where the client names none, and the host's port does not matter", () => {
    const answers = indexAnswers([saved({ host: "mail.contoso.example:8443" })], { isStrict: true });
    expect(answers.find(asked({ host: "" }))?.level).toBe("exact");
    expect(answers.find(asked({ host: "mail.contoso.example" }))?.level).toBe("exact");
  });
});

test("fields of the connection are not replayed, repeats are kept, and fields that cannot be sent are left out", () => {
  const body = { bytes: new Uint8Array(0), totalBytes: 0, truncated: false, contentCoding: null };
  const headers = [
    ["Connection", "keep-alive"],
    ["Transfer-Encoding", "chunked"],
    ["Content-Encoding", "gzip"],
    ["WWW-Authenticate", "Bearer"],
    ["www-authenticate", "NTLM"],
    ["X-Bad", "a\r\nX-Split: 1"],
    ["X Bad", "a"],
    ["X-Good", "b"],
  ] as const;
  expect(fieldsToSend(headers, body)).toEqual({ "WWW-Authenticate": ["Bearer", "NTLM"], "X-Good": "b" });
  expect(fieldsToSend(headers, { ...body, contentCoding: "zstd" })["Content-Encoding"]).toBe("gzip");
});
