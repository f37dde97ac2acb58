// What tools print beside header fields: the address, the method, the status and whose fields follow, each behind a label.
import type { Part } from "./claim.ts";

export interface PlacedPart {
  readonly from: number;
  readonly to: number;
  readonly part: Part;
}

type Reader = (value: string) => Part | null;

const methods = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|CONNECT";
const asAddress: Reader = (value) => ({ kind: "request", method: "", target: value, isWhole: false });
const asMethod: Reader = (value) => ({ kind: "request", method: value.toUpperCase(), target: "", isWhole: false });
const asStatus: Reader = (value) => ({ kind: "status", status: Number(value), isWhole: false });
const asSide: Reader = (value) => ({ kind: "side", side: /^(?:request|sent)$/i.test(value) ? "request" : "response" });

const labels: readonly (readonly [RegExp, Reader])[] = [
  [
    /\b(?:request[ _-]?)?(?:ur[li]|target)["']?[ \t]{0,8}(?::|=>?|,|\n)\s{0,8}["'<`]?(https?:\/\/[^\s"'<>,)`]{1,8192})/gi,
    asAddress,
  ],
  [
    new RegExp(`\\b(?:request[ _-]?)?(?:method|verb|type)["']?\\s{0,8}(?::|=>?|,)\\s{0,8}["'\`]?(${methods})\\b`, "gi"),
    asMethod,
  ],
  [
    /\b(?:http[ _-]?|response[ _-]?)?status(?:[ _-]?code)?["']?\s{0,8}(?::|=>?|,|\bis\b)\s{0,8}["']?([1-5][0-9]{2})\b/gi,
    asStatus,
  ],
  [
    /\b(?:error[ _-]?code|http[ _-]?(?:status|error|code)(?:[ _-]code)?|response[ _-]?code)["']?\s{0,4}(?::|=>?)?\s{0,4}([1-5][0-9]{2})\b/gi,
    asStatus,
  ],
  [/\bHTTP ([45][0-9]{2}) ?[-–] ?[A-Z]/g, asStatus],
  [/<Response \[([1-5][0-9]{2})\]>/g, asStatus],
  [/\(([45][0-9]{2})\) ?[A-Z][A-Za-z ]{2,40}/g, asStatus],
  [/(?:code d['’]état|code de statut|código de estado)["']?\s{0,4}:?\s{0,4}([1-5][0-9]{2})\b/gi, asStatus],
  [
    new RegExp(
      `(?:(?:Anfrage|Anforderungs)-?methode|Méthode de (?:la )?requête)\\s{0,4}:\\s{0,4}(${methods})\\b`,
      "gi",
    ),
    asMethod,
  ],
  [/\bURL de (?:la )?requête\s{0,4}:\s{0,4}(https?:\/\/[^\s"'<>,)`]{1,8192})/gi, asAddress],
  [/\b(?:Anfrage|Anforderungs)-?(?:header|kopfzeilen)\b|En-têtes de (?:la )?requête/gi, () => asSide("request")],
  [/\bAntwort-?(?:header|kopfzeilen)\b|En-têtes de (?:la )?réponse/gi, () => asSide("response")],
  [/\b(request|sent|response|received)[ _-]?headers?\b/gi, asSide],
];

/** Every labelled part of the text, in no order. */
export function labelsIn(text: string): readonly PlacedPart[] {
  return labels.flatMap(([pattern, read]) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const part = read(match[1] ?? "");
      return part === null ? [] : [{ from: match.index, to: match.index + match[0].length, part }];
    }),
  );
}
