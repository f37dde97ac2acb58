const longest = 16 * 1024;

/**
 * The same pure function, with its last answers remembered: captured traffic says the same thing again and again. At most
 * `limit` answers are kept, none of a long text, so memory stays bounded. The answers are shared: they must be immutable.
 */
export function remembered<Value>(limit: number, work: (text: string) => Value): (text: string) => Value {
  const answers = new Map<string, Value>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const answer = work(text);
    if (answers.size >= limit) answers.clear();
    if (text.length <= longest) answers.set(text, answer);
    return answer;
  };
}
