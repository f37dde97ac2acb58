const longest = 16 * 1024;

/**
 * Caches a pure function of a text: captured traffic repeats itself. At most `limit` results are cached, none of a text over
 * 16 Ki characters, so memory stays bounded. Results are shared and must be immutable.
 */
export function memoize<Value>(limit: number, work: (text: string) => Value): (text: string) => Value {
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
