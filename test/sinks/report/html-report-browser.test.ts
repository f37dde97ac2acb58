// The report in a real browser: light, dark, on paper, narrow, without scripts; and checked by axe. Skipped visibly without
// Chromium. The pictures are kept for people.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfiguration } from "../../../src/app/configuration.ts";
import { exportCapture } from "../../../src/app/hand-over/export-capture.ts";
import { pseudonymsFromKey } from "../../../src/app/pseudonyms.ts";
import { browserPath, pictureFolder, withBrowser } from "../../support/browser.ts";

const captures = ["basic-fallback", "legacy-and-new-principals"] as const;
const evil = `<script>window.ran=1</script><img src=x onerror="window.ran=1"><b onclick=x>`;

let folder = "";
let pages = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-pages-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function pageOf(capture: string): Promise<string> {
  const path = join(folder, `${capture}-${++pages}.html`);
  await exportCapture({
    files: [`captures/${capture}.ndjson`],
    realm: null,
    hidesDomains: false,
    isSanitised: true,
    configuration: await readConfiguration(undefined),
    pseudonymise: pseudonymsFromKey(new Uint8Array(32).fill(5)),
    outputs: [["html", path]],
    title: `${capture}.ndjson`,
  });
  return path;
}

/** Opens a page and records its console messages and requests. */
async function visit(context: BrowserContext, path: string): Promise<{ page: Page; said: string[]; asked: string[] }> {
  const [said, asked]: [string[], string[]] = [[], []];
  const page = await context.newPage();
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("dialog", () => said.push("a dialog"));
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(`file://${path}`);
  return { page, said, asked };
}

const overflow = `document.documentElement.scrollWidth - document.documentElement.clientWidth`;

interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  readonly passes: readonly { readonly id: string }[];
}

async function lookOver(page: Page): Promise<AxeResult> {
  // Injected by the debugger, because the page's policy forbids scripts.
  await page.evaluate(axe.source);
  return JSON.parse(await page.evaluate<string>("axe.run().then((found) => JSON.stringify(found))"));
}

describe.skipIf(browserPath === undefined)("in Chromium (skipped without it)", () => {
  const looks: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
    ["light", { colorScheme: "light", viewport: { width: 1100, height: 900 } }],
    ["dark", { colorScheme: "dark", viewport: { width: 1100, height: 900 } }],
    ["narrow", { colorScheme: "light", viewport: { width: 400, height: 800 } }],
    ["narrow-dark", { colorScheme: "dark", viewport: { width: 400, height: 800 } }],
  ];

  test.each(captures)(
    "%s: nothing is loaded, nothing overflows, and axe finds nothing",
    { timeout: 120_000 },
    async (capture) => {
      const path = await pageOf(capture);
      await withBrowser(async (open) => {
        for (const [name, options] of looks) {
          const { page, said, asked } = await visit(await open(options), path);
          expect(asked, name).toEqual([`file://${path}`]);
          expect(await page.evaluate<number>(overflow), name).toBe(0);
          expect(await page.evaluate<string>("getComputedStyle(document.body).backgroundColor"), name).toBe(
            options.colorScheme === "dark" ? "rgb(14, 18, 22)" : "rgb(244, 246, 248)",
          );
          const picture = join(pictureFolder, `report-${capture}-${name}.png`);
          await page.screenshot({ path: picture, fullPage: true });
          expect(statSync(picture).size).toBeGreaterThan(20_000);
          expect(said, name).toEqual([]);
          // The long page is checked once, as the rules of axe do not depend on the width.
          if (capture !== "basic-fallback" && name !== "dark") continue;
          const { violations, passes } = await lookOver(page);
          expect(
            violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
            name,
          ).toEqual([]);
          expect(passes.map(({ id }) => id)).toEqual(
            expect.arrayContaining(["color-contrast", "heading-order", "landmark-one-main", "svg-img-alt"]),
          );
          expect(said, name).toEqual([]);
        }
      });
    },
  );

  test("on paper the ladder is drawn, parts for screens only are hidden, and nothing is cut off", {
    timeout: 120_000,
  }, async () => {
    const path = await pageOf("basic-fallback");
    await withBrowser(async (open) => {
      const { page } = await visit(await open({ viewport: { width: 720, height: 1000 }, colorScheme: "dark" }), path);
      await page.emulateMedia({ media: "print", colorScheme: "light" });
      expect(await page.locator("nav").isVisible()).toBe(false);
      expect(await page.locator("svg.ladder").first().isVisible()).toBe(true);
      expect(await page.evaluate<number>(overflow)).toBe(0);
      await page.screenshot({ path: join(pictureFolder, "report-print.png"), fullPage: true });
      const pdf = await page.pdf({ format: "A4" });
      expect(pdf.subarray(0, 5).toString("latin1")).toBe("%PDF-");
    });
  });

  test("without scripts it shows the same, with headings, tables and landmarks for navigation", {
    timeout: 120_000,
  }, async () => {
    const path = await pageOf("basic-fallback");
    await withBrowser(async (open) => {
      const { page } = await visit(
        await open({ javaScriptEnabled: false, viewport: { width: 1100, height: 900 } }),
        path,
      );
      expect(await page.getByRole("heading", { level: 1, name: "Basic fallback" }).count()).toBe(1);
      expect(await page.locator("main h2").allInnerTexts()).toEqual([
        "Hybrid Exchange of today: ten questions",
        ...["Findings and what to do", "Handshakes", "Success signs of the procedure", "Timeline", "Tokens", "Sources"],
      ]);
      expect(await page.getByRole("img", { name: /Ladder of the handshake with mail\.contoso\.example/ }).count()).toBe(
        1,
      );
      expect(await page.getByRole("region", { name: "Requests" }).getByRole("row").count()).toBe(6);
      expect(await page.getByRole("columnheader", { name: "status" }).count()).toBe(1);
      expect(await page.getByRole("navigation").getByRole("link").count()).toBe(7);
      await page.getByRole("link", { name: "t5" }).first().click();
      expect(page.url()).toContain("#r4");
    });
  });

  test("a hostile capture runs nothing and requests nothing", { timeout: 120_000 }, async () => {
    const capture = join(folder, "hostile.har");
    const entry = {
      startedDateTime: evil,
      request: {
        method: "GET",
        url: `https://mail.contoso.example/${evil}`,
        headers: [
          { name: evil, value: evil },
          { name: "Authorization", value: `Bearer ${evil}` },
        ],
      },
      response: {
        status: 401,
        statusText: evil,
        headers: [{ name: "WWW-Authenticate", value: `Bearer realm="${evil}", ${evil}` }],
      },
    };
    writeFileSync(capture, JSON.stringify({ log: { entries: [entry] } }));
    const path = join(folder, "hostile.html");
    const task = {
      realm: null,
      hidesDomains: false,
      isSanitised: true,
      configuration: await readConfiguration(undefined),
    };
    const before = createHash("sha256").update(readFileSync(capture)).digest("hex");
    await exportCapture({
      ...task,
      files: [capture],
      pseudonymise: pseudonymsFromKey(new Uint8Array(32)),
      outputs: [["html", path]],
      title: evil,
    });
    expect(createHash("sha256").update(readFileSync(capture)).digest("hex")).toBe(before);
    await withBrowser(async (open) => {
      const { page, said, asked } = await visit(await open({ viewport: { width: 400, height: 800 } }), path);
      expect(await page.evaluate("window.ran")).toBe(undefined);
      expect(await page.locator("script, img, iframe, object, [onclick], [onerror]").count()).toBe(0);
      expect(await page.evaluate<number>(overflow)).toBe(0);
      expect([said, asked]).toEqual([[], [`file://${path}`]]);
    });
  });
});
