// Request and status lines as tools print them: whole, with the address in place of the path, behind an arrow.
import type { Part } from "./claim.ts";

const requestLine = /^(?:(?:>>|-->|==>|→|>) {0,4})?([A-Z]{3,20}) (\S{1,16384}) HTTP\/[0-9](?:\.[0-9])?$/i;
const shortRequest =
  /^(?:(?:>>|-->|==>|→|>) {0,4})?(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) ((?:https?:\/\/|\/)\S{0,16384})$/;
const statusLine = /^(?:(?:<<|<--|<==|←|<) {0,4})?HTTP\/[0-9](?:\.[0-9])? ([1-9][0-9]{2})(?: .*)?$/i;
const shortStatus = /^(?:<<|<--|<==|←) {0,4}([1-5][0-9]{2})(?: [A-Za-z].*)?$/;

/** The request or status line that a trimmed line is; null for any other. */
export function readStartLine(line: string): Part | null {
  const first = line.charCodeAt(0);
  // Most lines of a text are neither.
  if (!(first > 127 || /[A-Za-z<>=-]/.test(line.charAt(0)))) return null;
  const asked = requestLine.exec(line) ?? shortRequest.exec(line);
  if (asked !== null && /^[A-Z]+$/.test(asked[1] ?? ""))
    return { kind: "request", method: asked[1] ?? "", target: asked[2] ?? "", isWhole: true };
  const answered = statusLine.exec(line) ?? shortStatus.exec(line);
  return answered === null ? null : { kind: "status", status: Number(answered[1]), isWhole: true };
}
