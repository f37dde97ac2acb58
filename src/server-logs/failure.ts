// Why a call failed after Exchange had taken the sign-in. Texts are in the language of the server, codes are not.
import type { Cells } from "./columns.ts";
import { readMembers } from "./generic-info.ts";

/** Written in English by every build that has been seen. */
const blockedByPolicy = /User not allowed to access EWS/i;

/** The reason in words of this program and names of Exchange: `User not allowed to access EWS`, `ProtocolError 403`, `ErrorAccessDenied`; empty below 400. */
export function failureOf(cell: Cells, status: number | null): string {
  if (status !== null && status < 400) return "";
  const errors = `${cell("genericerrors")};${cell("authenticationerrors")}`;
  if (blockedByPolicy.test(errors)) return "User not allowed to access EWS";
  const members = readMembers(cell("genericerrors"));
  const state = /^[A-Za-z]{3,40}$/.exec(members.get("webexceptionstatus") ?? "")?.[0] ?? "";
  const code = /^[1-5]\d\d$/.exec(members.get("responsestatuscode") ?? "")?.[0] ?? "";
  const name = /^[A-Z][A-Za-z0-9]{2,60}$/.exec(cell("errorcode"))?.[0] ?? "";
  return [state, code, name].filter((part) => part !== "").join(" ");
}
