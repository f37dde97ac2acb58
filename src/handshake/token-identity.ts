/**
 * A short name for a token's compact form, to see the same token again without keeping a secret. It is not a
 * cryptographic hash: two tokens with one name would only be tied together in the report, never trusted.
 */
export function tokenIdentity(compact: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < compact.length; index += 1) {
    const unit = compact.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  return `${compact.length.toString(36)}.${(high >>> 0).toString(36)}${(low >>> 0).toString(36)}`;
}
