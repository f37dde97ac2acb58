// The pictures of README and docs are the program's own screens: when it draws something else, they have to be made anew.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { drawPicture, folder, pictures, svgSum } from "../scripts/picture-list.ts";
import { sumOf } from "../scripts/png-picture.ts";
import { hasTmux } from "./support/tmux.ts";

const stored = (name: string): string => readFileSync(`${folder}/${name}.svg`, "utf8");

// Where tmux is missing the screens cannot be taken, and these tests say that they are skipped.
describe.skipIf(!hasTmux)("drawn by the program now", () => {
  test.each(pictures.map((picture) => [picture.name, picture] as const))(
    "%s is what docs show; else: npm run pictures",
    async (name, picture) => {
      expect(await drawPicture(picture)).toBe(stored(name));
    },
  );
});

test.each(pictures.map(({ name }) => [name] as const))(
  "%s.png was made from the SVG beside it; else: npm run pictures",
  (name) => {
    expect(sumOf(readFileSync(`${folder}/${name}.png`))).toBe(svgSum(stored(name)));
  },
);

test("every picture is shown somewhere, and every one that is shown exists", () => {
  const pages = [
    "README.md",
    ...readdirSync("docs")
      .filter((file) => file.endsWith(".md"))
      .map((file) => `docs/${file}`),
  ];
  const text = pages.map((page) => readFileSync(page, "utf8")).join("\n");
  for (const { name } of pictures) expect(text).toContain(`images/${name}.`);
  for (const [, file = ""] of text.matchAll(/images\/(screen-[\w.-]+)/g))
    expect(existsSync(`${folder}/${file}`), file).toBe(true);
});
