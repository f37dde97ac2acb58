// The secrets of a capture as they stand in the original, so that what was written can be searched for them.
import type { Headers } from "../core/headers.ts";
import type { HttpTransaction } from "../core/http-transaction.ts";
import { readBase64 } from "../decoders/base64.ts";
import { bodyText } from "../decoders/body-text.ts";
import { readFormFields } from "../decoders/form-fields.ts";
import { isRedacted } from "./redaction.ts";

const shortest = 8; // shorter texts stand everywhere by chance
const limit = 5000;
const secretFields = /^(?:assertion|client_secret|client_assertion|password|passwd|refresh_token|code)$/;

/** Collects signatures, passwords, cookie values and opaque credentials, bounded. */
export class SecretCollector {
  readonly #found = new Set<string>();

  add({ request, response }: HttpTransaction): void {
    this.#addHeaders(request.headers);
    if (response !== null) this.#addHeaders(response.headers);
    for (const [name, value] of readFormFields(bodyText(request.body, 64 * 1024))) {
      if (secretFields.test(name)) this.#addToken(value);
    }
    const answer = response === null ? "" : bodyText(response.body, 256 * 1024);
    for (const [, value = ""] of answer.matchAll(/"(?:access|refresh|id)_token"\s{0,8}:\s{0,8}"([^"]{8,65536})"/g)) {
      this.#addToken(value);
    }
  }

  list(): readonly string[] {
    return [...this.#found];
  }

  #addHeaders(headers: Headers): void {
    for (const [name, value] of headers) {
      switch (name.toLowerCase()) {
        case "authorization":
        case "proxy-authorization":
          this.#addCredentials(value);
          break;
        case "cookie":
          for (const pair of value.split(";")) this.#keep(pair.slice(pair.indexOf("=") + 1).trim());
          break;
        case "set-cookie":
          this.#keep((value.split(";", 1)[0] ?? "").replace(/^[^=]*=/, ""));
          break;
      }
    }
  }

  #addCredentials(value: string): void {
    const [scheme = "", credentials = ""] = value.trim().split(/\s+/, 2);
    if (/^basic$/i.test(scheme)) {
      const bytes = readBase64(credentials);
      const text = bytes === null ? "" : new TextDecoder().decode(bytes);
      this.#keep(text.slice(text.indexOf(":") + 1));
    } else if (/^bearer$/i.test(scheme)) this.#addToken(credentials);
    else if (credentials.length > 60) this.#keep(credentials.slice(40));
  }

  /** Of a token the signature; a value without the outline of one is all secret. */
  #addToken(value: string): void {
    const segments = value.split(".");
    this.#keep(segments.length === 3 ? (segments[2] ?? "") : value);
  }

  #keep(value: string): void {
    const isOurs = isRedacted(value) || value === "<password>" || /^<sig/.test(value);
    if (value.length >= shortest && !isOurs && this.#found.size < limit) this.#found.add(value);
  }
}
