import { expect, test } from "vitest";
import { captureKind } from "../../../src/sources/input/capture-kind.ts";
import { logFormat, logType, wideOf } from "../../../src/sources/input/log-mark.ts";

const exchange = (type: string): string =>
  `DateTime,RequestId\r\n#Software: Microsoft Exchange Server\r\n#Version: 15.02.1544.004\r\n#Log-type: ${type}\r\n`;

// Headers as Microsoft's documentation and published samples print them.
test.each([
  ["HttpProxy, bare line first", exchange("HttpProxy Logs"), "exchange-log"],
  ["EWS", exchange("EWS Logs"), "exchange-log"],
  ["Autodiscover", exchange("Autodiscover Protocol Logs"), "exchange-log"],
  ["OAuthOutbound", exchange("OAuth Outbound Logs"), "exchange-log"],
  ["comments first", exchange("HttpProxy Logs").replace("DateTime,RequestId\r\n", ""), "exchange-log"],
  ["LF only", exchange("HttpProxy Logs").replaceAll("\r\n", "\n"), "exchange-log"],
  ["a line of column names alone", "DateTime,RequestId,AuthenticationType,HttpStatus\r\n", "exchange-log"],
  ["another log of Exchange", exchange("MAPI Logs"), null],
  ["IIS", "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n", "iis-log"],
  ["HTTPERR", "#Software: Microsoft HTTP API 2.0\r\n#Version: 1.0\r\n", "iis-log"],
  ["W3C columns alone", "#Fields: date time s-ip cs-method cs-uri-stem sc-status\n", "iis-log"],
  ["a failed-request trace", '<?xml version="1.0"?>\r\n<failedRequest url="https://a/EWS">', "failed-request"],
  [
    "a failed-request trace with its style sheet",
    "<?xml version='1.0'?>\n<?xml-stylesheet type='text/xsl' href='freb.xsl'?>\n<!-- saved from url -->\n<failedRequest url='a'>",
    "failed-request",
  ],
  ["a page that speaks of it", "<html><body>failedRequest</body></html>", null],
  ["a comma-separated list", "DateTime,Name\r\n", null],
  ["a letter", "Dear all,\r\n#Log-type is a word\r\n", null],
])("%s", (_, text, format) => {
  expect(logFormat(Buffer.from(text))).toBe(format);
  expect(logFormat(Buffer.from(`\ufeff${text}`))).toBe(format);
  expect(logFormat(Buffer.from(`\ufeff${text}`, "utf16le"))).toBe(format);
  expect(logFormat(Buffer.from(text, "utf16le"))).toBe(format);
  if (format !== null) expect(captureKind(Buffer.from(text))).toBe(format);
});

test("the type of a log of Exchange is what its header says", () => {
  expect(logType(exchange("MAPI Logs"))).toBe("MAPI Logs");
  expect(logType("#Software: Microsoft Exchange Server\r\n")).toBeNull();
});

test("text in two bytes a character is known without its mark, bytes of other files are not taken for it", () => {
  expect(wideOf(Buffer.from("#Software", "utf16le"))).toBe("utf-16le");
  expect(wideOf(Buffer.from("#Software", "utf16le").swap16())).toBe("utf-16be");
  expect(wideOf(Buffer.from("#Software"))).toBeNull();
  expect(wideOf(Buffer.from([0xd4, 0xc3, 0xb2, 0xa1]))).toBeNull();
  expect(wideOf(Buffer.from("PK\u0003\u0004"))).toBeNull();
  expect(wideOf(Buffer.from([0x01, 0x00, 0x02, 0x00]))).toBeNull();
  expect(wideOf(Buffer.alloc(0))).toBeNull();
});
