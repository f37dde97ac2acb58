// The structural bytes of JSON (RFC 8259 §2).
export const quote = 34;
export const backslash = 92;
export const openBrace = 123;
export const closeBrace = 125;
export const openBracket = 91;
export const closeBracket = 93;
export const comma = 44;
export const colon = 58;
