import { describe, expect, test } from "vitest";
import { parseConnectTo, parseListen, parseReverse } from "../../../src/cli/options/addresses.ts";
import { ToolError } from "../../../src/core/tool-error.ts";

describe("parseListen", () => {
  test.each([
    ["8080", "127.0.0.1", 8080],
    ["0", "127.0.0.1", 0],
    ["0.0.0.0:443", "0.0.0.0", 443],
    ["[::1]:8443", "::1", 8443],
    ["proxy.contoso.com:3128", "proxy.contoso.com", 3128],
  ])("%s listens on %s port %i", (text, host, port) => {
    expect(parseListen(text, "--forward")).toEqual({ host, port });
  });

  test.each(["", "abc", "65536", "99999", "-1", "::1:80", "[::1]", "a b:80", ":80", "1.2.3.4:"])(
    "%j is refused with a hint",
    (text) => {
      expect(() => parseListen(text, "--forward")).toThrow(ToolError);
    },
  );
});

describe("parseReverse", () => {
  test("a port and a target without port means loopback and 443", () => {
    expect(parseReverse("8443=https://mail.contoso.com")).toEqual({
      listen: { host: "127.0.0.1", port: 8443 },
      target: { host: "mail.contoso.com", port: 443 },
    });
  });

  test("an IPv6 target loses its brackets", () => {
    expect(parseReverse("0=https://[::1]:444").target).toEqual({ host: "::1", port: 444 });
  });

  test.each([
    "8443",
    "8443=http://mail.contoso.com",
    "8443=https://u:p@mail",
    "8443=https://mail/ews",
    "x=https://mail",
    "1=mail.contoso.com",
  ])("%s is refused", (text) => {
    expect(() => parseReverse(text)).toThrow(ToolError);
  });
});

describe("parseConnectTo", () => {
  test("a name and port is dialled elsewhere", () => {
    expect(parseConnectTo("Mail.contoso.com:443=127.0.0.1:8443")).toEqual([
      "mail.contoso.com:443",
      { host: "127.0.0.1", port: 8443 },
    ]);
  });

  test.each(["mail.contoso.com=127.0.0.1:1", "mail:443=", "mail:443=host"])("%s is refused", (text) => {
    expect(() => parseConnectTo(text)).toThrow(ToolError);
  });
});
