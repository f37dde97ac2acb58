// What rows of logs hold of people, and what of them may be kept and shown.
import { type ProtocolRow, section } from "./protocol-row.ts";

const row = "sanitising/log-row";
const lines = "app/reading/log-lines";
const fileName = "sanitising/safe-log-file-name";

/** Public descriptions of the logs of Exchange and IIS, and published rows. */
export const logSafeRows: readonly ProtocolRow[] = section("Rows of logs, kept and shown", [
  [
    "W",
    "Paths in rows of Exchange hold mailbox ids (/owa/<guid>@domain/)",
    row,
    "mailbox in a path does not survive in any member of a row",
    ["sanitising/safe-log-row", "(isOfTokenService || !guidInText.test(segment))", "true"],
  ],
  [
    "W",
    "Exchange names a log file <prefix>yyyyMMddHH-<n>.LOG",
    row,
    "of the file HttpProxy_2026113008-1.LOG the name that its program gave stays",
    [fileName, "(_?\\d{8}(?:\\d{2})?-\\d{1,4})", "(_?\\d{8}-\\d{1,4})"],
  ],
  [
    "P",
    "IIS names a log file u_exyymmdd.log",
    row,
    "of the file u_ex261130.log the name that its program gave stays",
    [fileName, "u_ex\\d{4,8}", "u_in\\d{4,8}"],
  ],
  [
    "P",
    "Failed-request tracing names a trace fr######.xml",
    row,
    "of the file fr000001.xml the name that its program gave stays",
    [fileName, "fr\\d{1,9}\\.xml", "fr\\d{1,3}\\.xml"],
  ],
  [
    "P",
    "IIS writes + in place of a blank in cs(User-Agent)",
    lines,
    "cells of IIS are told apart by blanks",
    ["sanitising/safe-log-row", 'value.replaceAll("+", " ") : value', "value : value"],
  ],
  [
    "W",
    "AuthenticatedUser of a person is an account or a SID, of an application S2S~<id>",
    lines,
    "a row and two lines on each side are shown cell by cell, and nothing of people",
    ["sanitising/safe-log-row", 'test(value) ? value : "***"', "test(value) ? value : value"],
  ],
]);
