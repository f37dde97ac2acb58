/** Joins texts into one key. */
export type JoinTexts = (first: string, second: string, third: string, fourth: string) => string;

interface Joined {
  readonly second: string;
  readonly third: string;
  readonly fourth: string;
  readonly key: string;
  readonly next: Joined | undefined;
}

const firstLimit = 256;
const chainLimit = 16;

/**
 * Creates a function that joins recurring texts, such as caller and server. Equal texts give the same string object, so that joining
 * and hashing for the maps happen once.
 */
export function startKeyJoiner(): JoinTexts {
  const known = new Map<string, Joined>();
  return (first, second, third, fourth) => {
    const chain = known.get(first);
    let length = 0;
    for (let one = chain; one !== undefined; one = one.next) {
      if (one.second === second && one.third === third && one.fourth === fourth) return one.key;
      length += 1;
    }
    const key = `${first}\n${second}\n${third}\n${fourth}`;
    if (known.size >= firstLimit) known.clear();
    known.set(first, { second, third, fourth, key, next: length < chainLimit ? chain : undefined });
    return key;
  };
}
