import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type BrowserContextOptions, chromium } from "playwright-core";

/** The installed browser, or undefined: tests that need it are then skipped, visibly. */
export const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => spawnSync(path, ["--version"]).status === 0,
);

/** Where pictures of pages are kept: looked at by people, compared by nobody. */
export const pictureFolder = process.env.REALMSCOPE_PICTURES ?? "test-output";

const quiet = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update", "--hide-scrollbars"],
];

/** Runs with a browser of its own, which has an empty profile and is ended in every case. */
export async function withBrowser(
  use: (open: (options: BrowserContextOptions) => Promise<BrowserContext>) => Promise<void>,
): Promise<void> {
  mkdirSync(pictureFolder, { recursive: true });
  const profile = mkdtempSync(join(tmpdir(), "realmscope-browser-"));
  const browser = await chromium.launch({ executablePath: browserPath ?? "", args: quiet, env: { HOME: profile } });
  try {
    await use((options) => browser.newContext(options));
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
