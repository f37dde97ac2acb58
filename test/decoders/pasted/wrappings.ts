// What happens to a text on its way from a console to a ticket. Each is written after what the tool does, not after the reader.
export type Wrapping = (text: string) => string;

const lines = (text: string): string[] => text.replace(/\r\n/g, "\n").replace(/\n$/, "").split("\n");
const perLine = (text: string, put: (line: string, at: number) => string): string => lines(text).map(put).join("\n");
const entities = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const cut = (text: string, width: number): string[] =>
  lines(text).flatMap((line) => (line === "" ? [""] : (line.match(new RegExp(`.{1,${width}}`, "g")) ?? [])));

export const wrappings: Readonly<Record<string, Wrapping>> = {
  "as it is": (text) => text,
  "with the ends of lines of Windows": (text) => lines(text).join("\r\n"),
  "quoted in a mail": (text) => `Hi,\n\nAnna wrote:\n${perLine(text, (line) => `> ${line}`)}\n\nAny idea?\n`,
  "quoted twice": (text) => perLine(text, (line) => `>> ${line}`),
  "quoted and wrapped by a mail program": (text) =>
    cut(text, 72)
      .map((line) => `> ${line}`)
      .join("\n"),
  "wrapped by a console": (text) => cut(text, 120).join("\n"),
  "a string of JSON": (text) => JSON.stringify({ id: 7, text }, null, 2),
  "a string of JSON in one line": (text) => `{"level":"error","msg":${JSON.stringify(text)},"n":1}`,
  "a web page": (text) => `<html><body><p>We see:</p><pre><code>${entities(text)}</code></pre></body></html>`,
  "an element of an event": (text) => `<EventData>\n<Data Name="Message">${entities(text)}</Data>\n</EventData>`,
  "with line numbers": (text) => perLine(text, (line, at) => `${String(at + 1).padStart(3)}  ${line}`),
  "with time stamps": (text) => perLine(text, (line, at) => `2025-11-30 11:00:0${at % 10}.123 ${line}`),
  "with prefixes of a log": (text) =>
    perLine(text, (line, at) => `2025-11-30T11:00:0${at % 10}.123Z ERROR [worker-${at % 4}] Trace - ${line}`),
  "in a German ticket": (text) =>
    `Hallo zusammen,\n\nseit der Umstellung am Montag sehen wir das hier:\n\n\`\`\`\n${text}\n\`\`\`\n\nWas können wir tun? Danke und viele Grüße`,
  "in a French ticket": (text) =>
    `Bonjour,\n\nvoici ce que nous avons relevé :\n\n${text}\n\nMerci d’avance pour votre réponse.\nL’équipe messagerie`,
  "in a Japanese ticket": (text) =>
    `お世話になっております。\n以下のエラーが出ています。\n\n${text}\n\nよろしくお願いします。`,
  "indented by four": (text) => perLine(text, (line) => `    ${line}`),
  "with typographic quotes": (text) => text.replace(/(^|[\s=:(])"/g, "$1“").replaceAll('"', "”"),
  "with blanks that do not break": (text) => text.replaceAll(": ", ":\u00a0"),
  "commented out": (text) => perLine(text, (line) => `# ${line}`),
  "a cell of a CSV": (text) => `Case,Text\n4711,"${text.replaceAll('"', '""')}"`,
  "a table of a wiki": (text) => `{noformat}\n${text}\n{noformat}`,
};
