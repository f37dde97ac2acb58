// Facts of tokens, with the same names for four places: the token of Authorization, its actor token, the assertion of a token
// request, and the issued token.
import type { S2sToken, SignatureState, TokenKind, TokenUser, TransactionFacts } from "../decoders/facts.ts";
import { assertionOf, issuedToken, presentedToken } from "../handshake/role.ts";
import type { FactAnswer, InputFact } from "./fact.ts";

const kinds: readonly TokenKind[] = [
  "self-issued",
  "actor",
  "app-acts-as-user",
  "direct-trust",
  "entra-v1",
  "entra-v2",
  "app-asserted-user",
  "exchange-identity",
  "adfs",
  "unknown",
];
const users: readonly TokenUser["kind"][] = ["puid", "sid", "smtp", "upn", "sip", "oid", "unknown"];
const signatures: readonly SignatureState[] = ["present", "absent", "removed"];

type TokenFact = Pick<InputFact, "name" | "type" | "values" | "description"> & {
  readonly readToken: (token: S2sToken, at: number) => FactAnswer;
};

const ofToken: readonly TokenFact[] = [
  { name: "kind", type: "text", values: kinds, description: "which kind it is", readToken: (token) => token.tokenKind },
  { name: "alg", type: "text", description: "header alg as captured", readToken: (token) => token.alg },
  {
    name: "key-id",
    type: "text",
    description: "header x5t, else x5t#S256, else kid",
    readToken: (token) => token.keyId,
  },
  { name: "iss", type: "text", description: "issuer as captured", readToken: (token) => textOfIssuer(token) },
  {
    name: "iss.id",
    type: "text",
    description: "application id of the issuer",
    readToken: (token) => token.issuer?.id ?? null,
  },
  {
    name: "iss.name",
    type: "text",
    description: "name of that application",
    readToken: (token) => token.issuer?.name ?? null,
  },
  {
    name: "iss.realm",
    type: "text",
    description: "realm of the issuer",
    readToken: (token) => token.issuer?.realm ?? null,
  },
  { name: "aud", type: "text", description: "audience as captured", readToken: (token) => textOfAudience(token) },
  {
    name: "aud.id",
    type: "text",
    description: "application id of the audience",
    readToken: ({ audience }) => audience?.id ?? null,
  },
  {
    name: "aud.host",
    type: "text",
    description: "host of the audience",
    readToken: ({ audience }) => audience?.host ?? null,
  },
  {
    name: "aud.realm",
    type: "text",
    description: "realm of the audience",
    readToken: ({ audience }) => audience?.realm ?? null,
  },
  {
    name: "caller",
    type: "text",
    description: "the calling application as captured",
    readToken: ({ caller }) => caller?.asSeen ?? null,
  },
  { name: "caller.id", type: "text", description: "its application id", readToken: ({ caller }) => caller?.id ?? null },
  { name: "caller.name", type: "text", description: "its name", readToken: ({ caller }) => caller?.name ?? null },
  { name: "caller.realm", type: "text", description: "its realm", readToken: ({ caller }) => caller?.realm ?? null },
  { name: "tenant", type: "text", description: "tenant that it names", readToken: (token) => token.tenant },
  {
    name: "expired",
    type: "flag",
    description: "it had expired at the time of the entry (or of `clock`)",
    readToken: (token, at) => token.expires !== null && at >= token.expires,
  },
  {
    name: "premature",
    type: "flag",
    description: "it was not valid yet at that time",
    readToken: (token, at) => token.notBefore !== null && at < token.notBefore,
  },
  { name: "expires", type: "time", description: "claim exp", readToken: (token) => token.expires },
  { name: "not-before", type: "time", description: "claim nbf", readToken: (token) => token.notBefore },
  {
    name: "lifetime",
    type: "number",
    description: "seconds from nbf to exp",
    readToken: (token) => token.lifetimeSeconds,
  },
  {
    name: "user",
    type: "text",
    values: users,
    description: "form in which it names a user",
    readToken: (token) => token.user?.kind ?? null,
  },
  {
    name: "signature",
    type: "text",
    values: signatures,
    description: "state of the signature; removed: by sanitising",
    readToken: (token) => token.signature,
  },
];

function textOfIssuer(token: S2sToken): string {
  return token.issuer?.asSeen || token.issuerText;
}

function textOfAudience(token: S2sToken): string {
  return token.audience?.asSeen || token.audienceText;
}

/** The signed token of the application: nested in an outer one, or alone in Authorization. */
function actorOf(facts: TransactionFacts): S2sToken | null {
  const token = presentedToken(facts);
  if (token === null) return null;
  if (token.actor?.ok === true) return token.actor.value;
  return token.actor === null && token.tokenKind !== "app-acts-as-user" ? token : null;
}

const places: readonly {
  readonly prefix: string;
  readonly where: string;
  readonly find: (facts: TransactionFacts) => S2sToken | null;
}[] = [
  { prefix: "token", where: "the token of Authorization", find: presentedToken },
  { prefix: "token.actor", where: "the actor token, nested or alone", find: actorOf },
  { prefix: "assertion", where: "the assertion of a token request", find: assertionOf },
  { prefix: "issued", where: "the issued token", find: issuedToken },
];

export const tokenFacts: readonly InputFact[] = places.flatMap(({ prefix, where, find }) =>
  ofToken.map(({ name, type, values, description, readToken }): InputFact => {
    const read: InputFact["read"] = ({ facts, at }) => {
      const token = find(facts);
      return token === null ? null : readToken(token, at);
    };
    return {
      name: `${prefix}.${name}`,
      type,
      ...(values === undefined ? {} : { values }),
      description: `${where}: ${description}`,
      read,
    };
  }),
);
