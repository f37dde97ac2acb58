// Ids of this program, addresses of clients and methods: what may stay of them.
import { type Pseudonymise, redactedValue } from "./redaction.ts";

const ownId = /^(?:[a-z]\d{1,6}\.){0,4}[a-z]?\d{1,12}$/;
const replacedId = /^x-[a-z2-7]{10}$/;

/** An id of this program (`t7`, `f2.c1`) or a number stays; any other id becomes a pseudonym. */
export function safeId(id: string, pseudonymise: Pseudonymise): string {
  return ownId.test(id) || replacedId.test(id) || id === "" ? id : `x-${pseudonymise("value", id)}`;
}

const client =
  /^(?:(?=.*[.:])[0-9a-f.:]{2,45}|\[[0-9a-f.:]{2,45}\](?::\d{1,5})?|[\d.]{7,15}:\d{1,5}|(?:client-[a-z2-7]{10}|localhost)(?::\d{1,5})?)$/i;

/** The address of a client; empty when the text is not an address. */
export function safeAddressOf(text: string): string {
  return client.test(text) ? text : "";
}

/** RFC 9110 §9.1: a method is a token. Methods in use are words of letters (`RPC_IN_DATA`); any other is replaced. */
export function safeMethod(method: string, pseudonymise: Pseudonymise): string {
  return /^[A-Za-z][A-Za-z_-]{0,23}$/.test(method) ? method : redactedValue(method, pseudonymise);
}
