const maxFields = 200;

/**
 * Fields of `application/x-www-form-urlencoded` text or a query string, names in lower case, the first of a name kept.
 * A broken percent escape stays as it is. Values are secret as a rule.
 */
export function readFormFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let start = 0;
  for (let count = 0; count < maxFields && start <= text.length; count++) {
    const next = text.indexOf("&", start);
    const end = next === -1 ? text.length : next;
    const equals = text.indexOf("=", start);
    const nameEnd = equals === -1 || equals > end ? end : equals;
    const name = unescaped(text.slice(start, nameEnd)).trim().toLowerCase();
    if (name !== "" && !fields.has(name)) fields.set(name, unescaped(text.slice(nameEnd + 1, end)).trim());
    start = end + 1;
  }
  return fields;
}

function unescaped(text: string): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    // Not UTF-8, or a lone percent sign: only what is certain is undone.
    return spaced.replace(/%([2-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}
