// PNG from SVG by Chromium, with the checksum of the SVG as a text chunk (PNG, third edition, §11.3.3.2).
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";

export const hasChromium = spawnSync("chromium", ["--version"]).status === 0;

const keyword = "realmscope-svg-sha256";

export function writePng(svg: string, path: string, sum: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-png-"));
  try {
    const [, width = "0", height = "0"] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
    const page = join(folder, "picture.html");
    const raw = join(folder, "picture.png");
    writeFileSync(page, `<meta charset="utf-8"><style>body{margin:0}svg{display:block}</style>${svg}`);
    execFileSync(
      "chromium",
      [
        ...["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1"],
        ...[`--user-data-dir=${join(folder, "profile")}`, `--window-size=${width},${height}`],
        ...[`--screenshot=${raw}`, `file://${page}`],
      ],
      { stdio: "ignore" },
    );
    writeFileSync(path, withText(readFileSync(raw), sum));
    return Promise.resolve();
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The checksum in a PNG; empty when it has none. */
export function sumOf(png: Buffer): string {
  const at = png.indexOf(`tEXt${keyword}\0`, 0, "latin1");
  if (at === -1) return "";
  const start = at + 4 + keyword.length + 1;
  return png.toString("latin1", start, at + 4 + png.readUInt32BE(at - 4));
}

/** Offset after the signature of 8 bytes and the header chunk, which always has 25. */
function withText(png: Buffer, text: string): Buffer {
  const data = Buffer.from(`tEXt${keyword}\0${text}`, "latin1");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length - 4);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(data));
  return Buffer.concat([png.subarray(0, 33), length, data, check, png.subarray(33)]);
}
