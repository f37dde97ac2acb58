// What was in one request and its answer. The transaction has been made safe before it came to this process.
import type { Headers } from "../../core/headers.ts";
import { type CapturedBody, type HttpTransaction, requestUrl } from "../../core/http-transaction.ts";
import { bodyText } from "../../decoders/body-text.ts";
import { wrap } from "../cut.ts";
import { safe } from "../safe-text.ts";
import { plainLine, type ScreenLine } from "../screen-line.ts";

/** Longer values are cut: a header of 256 KiB is no reading matter. */
const valueLimit = 4096;
const bodyLimit = 64 * 1024;

/** Request line, status line and all fields in their order. */
export function headersPane(transaction: HttpTransaction, columns: number): readonly ScreenLine[] {
  const { request, response, failure } = transaction;
  return [
    plainLine(safe(`${request.method} ${requestUrl(transaction)} ${request.version}`), "strong"),
    ...fieldLines(request.headers, columns),
    plainLine(""),
    ...(response === null
      ? [plainLine("No answer.", "warning")]
      : [
          plainLine(safe(`${response.version} ${response.status} ${response.reason}`), "strong"),
          ...fieldLines([...response.headers, ...response.trailers], columns),
        ]),
    ...(failure === null ? [] : [plainLine(safe(failure), "warning")]),
  ];
}

function fieldLines(headers: Headers, columns: number): readonly ScreenLine[] {
  return headers.flatMap(([name, value]) => {
    const text = safe(`${name}: ${value.slice(0, valueLimit)}`);
    const [first = "", ...rest] = wrap(text, columns - 2);
    return [plainLine(first), ...rest.map((line) => plainLine(`  ${line}`))];
  });
}

export function bodyPane(transaction: HttpTransaction, columns: number): readonly ScreenLine[] {
  const { request, response } = transaction;
  return [
    ...bodyLines("request", request.body, columns),
    ...(response === null ? [] : bodyLines("answer", response.body, columns)),
  ];
}

function bodyLines(whose: string, body: CapturedBody, columns: number): readonly ScreenLine[] {
  const text = bodyText(body, bodyLimit);
  const kept = text === "" ? (body.totalBytes === 0 ? "" : ", not kept") : ", what is kept of it";
  const cut = body.truncated ? ", cut" : "";
  const title = plainLine(`${whose}: ${body.totalBytes} bytes${kept}${cut}`, "strong");
  const lines = text === "" ? [] : text.replaceAll("><", ">\n<").split(/\r?\n/);
  return [title, ...lines.flatMap((line) => wrap(safe(line), columns)).map((line) => plainLine(line))];
}
