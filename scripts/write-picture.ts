// Makes the pictures of docs/images from the real program in a real terminal (tmux): npm run pictures. Always SVG; also PNG
// when Chromium is installed, each with the checksum of its SVG, so that a test can detect an outdated one.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { drawPicture, folder, pictures, svgSum } from "./picture-list.ts";
import { hasChromium, writePng } from "./png-picture.ts";

mkdirSync(folder, { recursive: true });
for (const picture of pictures) {
  const svg = await drawPicture(picture);
  writeFileSync(`${folder}/${picture.name}.svg`, svg);
  process.stdout.write(`${folder}/${picture.name}.svg\n`);
}
const [first] = pictures;
if (hasChromium && first !== undefined) {
  for (const { name } of pictures) {
    const svg = readFileSync(`${folder}/${name}.svg`, "utf8");
    await writePng(svg, `${folder}/${name}.png`, svgSum(svg));
    process.stdout.write(`${folder}/${name}.png\n`);
  }
} else process.stdout.write("Chromium is not installed: the PNG files were left as they are.\n");
for (const old of ["oauth-confirmed", "basic-fallback"]) rmSync(`${folder}/${old}.svg`, { force: true });
