// One exchange in every dress that people paste. Each dress is written after what the tool prints, not after the reader.
export interface Exchange {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly request: readonly (readonly [string, string])[];
  readonly requestBody: string;
  readonly status: number;
  readonly reason: string;
  readonly response: readonly (readonly [string, string])[];
  readonly responseBody: string;
}

export type Dress = (exchange: Exchange) => string;

const url = ({ host, path }: Exchange): string => `https://${host}${path}`;
const colon = (fields: Exchange["request"]): string[] => fields.map(([name, value]) => `${name}: ${value}`);
const requestHead = (exchange: Exchange): string[] => [
  `${exchange.method} ${exchange.path} HTTP/1.1`,
  `Host: ${exchange.host}`,
  ...colon(exchange.request),
];
const answerHead = (exchange: Exchange): string[] => [
  `HTTP/1.1 ${exchange.status} ${exchange.reason}`,
  ...colon(exchange.response),
];
const raw: Dress = (exchange) =>
  [...requestHead(exchange), "", exchange.requestBody, ...answerHead(exchange), "", exchange.responseBody].join("\r\n");
const pythonText = (value: string): string =>
  value.includes("'") ? `'${value.replaceAll("'", "\\'")}'` : `'${value}'`;
const pythonDict = (fields: Exchange["request"]): string =>
  `{${fields.map(([name, value]) => `'${name}': ${pythonText(value)}`).join(", ")}}`;
const perLine = (lines: string, prefix: (line: string, at: number) => string): string =>
  lines
    .split(/\r?\n/)
    .map((line, at) => `${prefix(line, at)}${line}`)
    .join("\n");
const wrap = (text: string, width: number): string =>
  text
    .split(/\r?\n/)
    .flatMap((line) => (line === "" ? [""] : (line.match(new RegExp(`.{1,${width}}`, "g")) ?? [])))
    .join("\n");
const wire = (lines: readonly string[], mark: string): string[] =>
  lines.map(
    (line) => `2025-11-30 11:00:02,314 DEBUG [main] org.apache.http.wire - http-outgoing-0 ${mark} "${line}[\\r][\\n]"`,
  );

export const dresses: Readonly<Record<string, Dress>> = {
  raw,
  "without bodies": (exchange) => [...requestHead(exchange), "", ...answerHead(exchange)].join("\n"),
  "without a blank line between the halves": (exchange) =>
    [...requestHead(exchange), ...answerHead(exchange)].join("\n"),
  "with more blank lines": (exchange) =>
    [...requestHead(exchange), "", "", exchange.requestBody, "", "", ...answerHead(exchange), "", ""].join("\n"),
  "double-spaced": (exchange) => [...requestHead(exchange), ...answerHead(exchange)].join("\n\n"),
  "absolute target (Fiddler)": (exchange) =>
    [
      `${exchange.method} ${url(exchange)} HTTP/1.1`,
      ...requestHead(exchange).slice(1),
      "",
      exchange.requestBody,
      ...answerHead(exchange),
      "",
    ].join("\r\n"),
  "curl -v": (exchange) =>
    [
      `* Connected to ${exchange.host} (192.0.2.10) port 443 (#0)`,
      "* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384",
      ...requestHead(exchange).map((line) => `> ${line}`),
      "> ",
      `* upload completely sent off: ${exchange.requestBody.length} out of ${exchange.requestBody.length} bytes`,
      ...answerHead(exchange).map((line) => `< ${line}`),
      "< ",
      "{ [145 bytes data]",
      `* Connection #0 to host ${exchange.host} left intact`,
    ].join("\n"),
  "curl -v in a mail": (exchange) =>
    [
      ...requestHead(exchange).map((line) => `> > ${line}`),
      "> >",
      ...answerHead(exchange).map((line) => `> < ${line}`),
      "> <",
    ].join("\n"),
  "EWS trace": (exchange) =>
    [
      '<Trace Tag="EwsRequestHttpHeaders" Tid="7" Time="2025-11-30 11:00:02Z">',
      ...requestHead(exchange),
      "",
      "</Trace>",
      '<Trace Tag="EwsRequest" Tid="7" Time="2025-11-30 11:00:02Z" Version="15.00.0913.015">',
      `  ${exchange.requestBody}`,
      "</Trace>",
      '<Trace Tag="EwsResponseHttpHeaders" Tid="7" Time="2025-11-30 11:00:02Z">',
      ...answerHead(exchange),
      "",
      "</Trace>",
    ].join("\n"),
  "Apache wire log": (exchange) =>
    [
      ...wire([...requestHead(exchange), ""], ">>"),
      `2025-11-30 11:00:02,315 DEBUG [main] org.apache.http.wire - http-outgoing-0 >> "${exchange.requestBody}"`,
      ...wire([...answerHead(exchange), ""], "<<"),
    ].join("\n"),
  "Apache headers log": (exchange) =>
    [
      ...requestHead(exchange).map(
        (line) => `11:00:02.314 [main] DEBUG org.apache.http.headers - http-outgoing-0 >> ${line}`,
      ),
      ...answerHead(exchange).map(
        (line) => `11:00:02.398 [main] DEBUG org.apache.http.headers - http-outgoing-0 << ${line}`,
      ),
    ].join("\n"),
  mitmdump: (exchange) =>
    [
      `192.0.2.7:50122: ${exchange.method} ${url(exchange)} HTTP/2.0`,
      ...colon(exchange.request).map((line) => `    ${line}`),
      "",
      `    ${exchange.requestBody}`,
      "",
      ` << HTTP/2.0 ${exchange.status} ${exchange.reason} 0b`,
      ...colon(exchange.response).map((line) => `    ${line}`),
      "",
    ].join("\n"),
  okhttp: (exchange) =>
    [
      `--> ${exchange.method} ${url(exchange)} http/1.1`,
      ...colon(exchange.request),
      `--> END ${exchange.method} (13-byte body)`,
      `<-- ${exchange.status} ${exchange.reason} ${url(exchange)} (84ms)`,
      ...colon(exchange.response),
      "<-- END HTTP (0-byte body)",
    ].join("\n"),
  "tcpdump -A": (exchange) =>
    [
      "11:00:02.314159 IP 192.0.2.7.50122 > 192.0.2.10.80: Flags [P.], seq 1:900, ack 1, win 502, length 899: HTTP: POST /EWS/Exchange.asmx HTTP/1.1",
      `E..t..@.@.......P.........P.......${requestHead(exchange).join("\n")}`,
      "",
      exchange.requestBody,
      "11:00:02.400159 IP 192.0.2.10.80 > 192.0.2.7.50122: Flags [P.], seq 1:500, ack 900, win 501, length 499: HTTP: HTTP/1.1 401 Unauthorized",
      `E..x..@.@.......P.........P.......${answerHead(exchange).join("\n")}`,
      "",
    ].join("\n"),
  "Python dictionaries": (exchange) =>
    [
      "Auth type: <requests_oauthlib.oauth2_auth.OAuth2 object at 0x000000FA4AEF2730>",
      `URL: ${url(exchange)}`,
      `Status code: ${exchange.status}`,
      `Request headers: ${pythonDict(exchange.request)}`,
      `Response headers: ${pythonDict(exchange.response)}`,
    ].join("\n"),
  "Python http.client": (exchange) =>
    [
      `send: b'${[...requestHead(exchange), "", ""].join("\\r\\n").replaceAll("'", "\\'")}'`,
      `reply: 'HTTP/1.1 ${exchange.status} ${exchange.reason}\\r\\n'`,
      ...exchange.response.map(([name, value]) => `header: ${name}: ${value}`),
    ].join("\n"),
  "JavaScript objects": (exchange) =>
    [
      `{ url: '${url(exchange)}',`,
      `  method: '${exchange.method}',`,
      `  headers: { ${exchange.request.map(([name, value]) => `'${name}': ${JSON.stringify(value)}`).join(",\n     ")} } }`,
      `{ status: ${exchange.status},`,
      `  headers: {\n${exchange.response.map(([name, value]) => `    '${name.toLowerCase()}': '${value.replaceAll("'", "\\'")}'`).join(",\n")} } }`,
    ].join("\n"),
  "PHP print_r": (exchange) =>
    [
      `url => ${url(exchange)}`,
      "Array\n(",
      ...exchange.request.map(([name, value]) => `    [${name}] => ${value}`),
      ")",
      `http_code: ${exchange.status}`,
      "Array\n(",
      ...exchange.response.map(
        ([name, value]) => `    [${name}] => Array\n        (\n            [0] => ${value}\n        )\n`,
      ),
      ")",
    ].join("\n"),
  "Go maps": (exchange) =>
    [
      `${exchange.method} ${url(exchange)} HTTP/1.1`,
      `map[${exchange.request.map(([name, value]) => `${name}:[${value}]`).join(" ")}]`,
      `status: ${exchange.status}`,
      `map[${exchange.response.map(([name, value]) => `${name}:[${value}]`).join(" ")}]`,
    ].join("\n"),
  "Go %#v": (exchange) =>
    [
      `URL: ${url(exchange)}`,
      `http.Header{${exchange.request.map(([name, value]) => `"${name}":[]string{${JSON.stringify(value)}}`).join(", ")}}`,
      `StatusCode: ${exchange.status}`,
      `http.Header{${exchange.response.map(([name, value]) => `"${name}":[]string{${JSON.stringify(value)}}`).join(", ")}}`,
    ].join("\n"),
  "Java maps": (exchange) =>
    [
      `url=${url(exchange)}`,
      `{${exchange.request.map(([name, value]) => `${name}=[${value}]`).join(", ")}}`,
      `status=${exchange.status}`,
      `{null=[HTTP/1.1 ${exchange.status} ${exchange.reason}], ${exchange.response.map(([name, value]) => `${name}=[${value}]`).join(", ")}}`,
    ].join("\n"),
  ".NET": (exchange) =>
    [
      `Method: ${exchange.method}, RequestUri: '${url(exchange)}', Version: 1.1, Content: System.Net.Http.StringContent, Headers:\n{`,
      ...colon(exchange.request).map((line) => `  ${line}`),
      "}",
      `StatusCode: ${exchange.status}, ReasonPhrase: '${exchange.reason}', Version: 1.1, Content: System.Net.Http.StreamContent, Headers:\n{`,
      ...colon(exchange.response).map((line) => `  ${line}`),
      "}",
    ].join("\n"),
  "list with =": (exchange) =>
    [
      `URL = ${url(exchange)}`,
      ...exchange.request.map(([name, value]) => `${name}=${value}`),
      "",
      `Status = ${exchange.status}`,
      ...exchange.response.map(([name, value]) => `${name} = ${value}`),
    ].join("\n"),
  "list with arrows": (exchange) =>
    [
      ...exchange.request.map(([name, value]) => `${name} →${value}`),
      "",
      `Status: ${exchange.status}`,
      ...exchange.response.map(([name, value]) => `${name} → ${value}`),
    ].join("\n"),
  "list in brackets": (exchange) =>
    [...exchange.request, ["", ""] as const, ...exchange.response]
      .map(([name, value]) => (name === "" ? `Status code: ${exchange.status}` : `[${name}, ${value}]`))
      .join("\n"),
  "browser, name over value": (exchange) =>
    [
      "Request URL",
      url(exchange),
      "Request Method: POST",
      `Status Code: ${exchange.status} ${exchange.reason}`,
      ...exchange.response.flatMap(([name, value]) => [`${name.toLowerCase()}:`, value]),
      ...exchange.request.flatMap(([name, value]) => [`${name.toLowerCase()}:`, value]),
    ].join("\n"),
  "browser, one line": (exchange) =>
    [
      `Request URL: ${url(exchange)}`,
      "Request Method: POST",
      `Status Code: ${exchange.status} ${exchange.reason}`,
      "Response Headers",
      ...colon(exchange.response),
      "Request Headers",
      ...colon(exchange.request),
    ].join("\n"),
  "browser in German": (exchange) =>
    [
      `Anfrage-URL: ${url(exchange)}`,
      "Anfragemethode: POST",
      `Statuscode: ${exchange.status} ${exchange.reason}`,
      "Antwortheader",
      ...colon(exchange.response),
      "Anfrageheader",
      ...colon(exchange.request).map((line) => line.replace(/^Authorization/, "Autorisierung")),
    ].join("\n"),
  "browser in French": (exchange) =>
    [
      `URL de requête : ${url(exchange)}`,
      "Méthode de requête : POST",
      `Code d’état : ${exchange.status} ${exchange.reason}`,
      "En-têtes de réponse",
      ...colon(exchange.response),
      "En-têtes de requête",
      ...colon(exchange.request).map((line) => line.replace(/^Authorization: /, "Autorisation : ")),
    ].join("\n"),
  "columns of PowerShell": (exchange) =>
    [
      "Key                 Value",
      "---                 -----",
      ...exchange.request.map(([name, value]) => `${name.padEnd(20)}${value}`),
      `Status code: ${exchange.status}`,
      ...exchange.response.map(([name, value]) => `${name.padEnd(20)}${value}`),
    ].join("\n"),
  "table of a ticket": (exchange) =>
    [
      ...exchange.request.map(([name, value]) => `| ${name} | ${value} |`),
      `| Status: ${exchange.status} |`,
      ...exchange.response.map(([name, value]) => `| ${name} | ${value} |`),
    ].join("\n"),
  Spring: (exchange) =>
    [
      `url: ${url(exchange)}`,
      `[${exchange.request.map(([name, value]) => `${name}:"${value}"`).join(", ")}]`,
      `status: ${exchange.status}`,
      `[${exchange.response.map(([name, value]) => `${name}:"${value}"`).join(", ")}]`,
    ].join("\n"),
  "PHP var_dump": (exchange) =>
    [
      "array(3) {",
      ...exchange.request.map(([name, value]) => `  ["${name}"]=>\n  string(${value.length}) "${value}"`),
      "}",
      `http_code => ${exchange.status}`,
      "array(5) {",
      ...exchange.response.map(([name, value]) => `  ["${name}"]=>\n  string(${value.length}) "${value}"`),
      "}",
    ].join("\n"),
  "raw headers of Node": (exchange) =>
    [
      `rawHeaders: [\n${exchange.request.flatMap(([name, value]) => [`  '${name}'`, `  ${JSON.stringify(value)}`]).join(",\n")} ]`,
      `statusCode: ${exchange.status}, rawHeaders: [\n${exchange.response.flatMap(([name, value]) => [`  '${name}'`, `  ${JSON.stringify(value)}`]).join(",\n")} ]`,
    ].join("\n"),
  "HTTP/2 pseudo-headers": (exchange) =>
    [
      `:method: ${exchange.method}`,
      `:authority: ${exchange.host}`,
      ":scheme: https",
      `:path: ${exchange.path}`,
      ...colon(exchange.request),
      `:status: ${exchange.status}`,
      ...colon(exchange.response),
    ].join("\n"),
  "HAR entry": (exchange) =>
    JSON.stringify(
      {
        request: {
          method: exchange.method,
          url: url(exchange),
          headers: exchange.request.map(([name, value]) => ({ name, value })),
        },
        response: { status: exchange.status, headers: exchange.response.map(([name, value]) => ({ name, value })) },
      },
      null,
      2,
    ).slice(2),
  "string of JSON": (exchange) => `"raw": ${JSON.stringify(raw(exchange))},`,
  "line numbers": (exchange) => perLine(raw(exchange), (_, at) => `${String(at + 1).padStart(4)}: `),
  "line numbers in a margin": (exchange) => perLine(raw(exchange), (_, at) => `${at + 1} | `),
  timestamps: (exchange) => perLine(raw(exchange), (_, at) => `[2025-11-30 11:00:0${at % 10}.123] `),
  "log prefixes": (exchange) =>
    perLine(raw(exchange), (_, at) => `2025-11-30T11:00:0${at % 10}.123Z  INFO 4711 --- [nio-${at}] c.e.Trace : `),
  "quoted in a mail": (exchange) => perLine(raw(exchange), () => "> "),
  "quoted twice": (exchange) => perLine(raw(exchange), () => ">> "),
  "indented by four": (exchange) => perLine(raw(exchange), () => "    "),
  "wrapped at 80": (exchange) => wrap(raw(exchange), 80),
  "wrapped at 120": (exchange) => wrap(raw(exchange), 120),
  "UTF-16 read as bytes": (exchange) => [...raw(exchange)].map((char) => `${char}\u0000`).join(""),
  "page with entities": (exchange) =>
    `<div><pre>${raw(exchange).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")}</pre></div>`,
  "in prose": (exchange) =>
    `Hi all,\nthis is what we see since Monday.\n\n${raw(exchange)}\n\nAny idea would help us a lot. Thanks`,
  "code fence": (exchange) => `We see this:\n\`\`\`http\n${raw(exchange)}\n\`\`\`\nwhat now?`,
  "typographic quotes": (exchange) => raw(exchange).replaceAll('"', "\u201d").replaceAll(": ", ":\u00a0"),
  "everything on one line": (exchange) => [...requestHead(exchange), ...answerHead(exchange)].join(" "),
  "everything glued": (exchange) => `${answerHead(exchange).join("")}`,
};
