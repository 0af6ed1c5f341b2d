import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { confusion } from "../metrics/index.js";
import { formatMetric } from "../pictures/format.js";
import { chromiumNote, chromiumPath, launchChromium } from "../testing/chromium.js";
import { sampleSection } from "../testing/report-sample.js";
import { writeReport } from "./render.js";

const hostile = `<script>globalThis.hacked = 1</script><img src=x onerror="globalThis.hacked = 1">`;

describe.skipIf(!chromiumPath)(`a report in Chromium${chromiumNote}`, () => {
  const section = sampleSection();
  let browser: Browser;
  let folder = "";
  let page: Page;
  const requests: string[] = [];
  const faults: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "report-"));
    await writeReport(join(folder, "one.html"), { title: "One", sections: [section] });
    const { labels, ...unlabelled } = sampleSection(hostile, hostile);
    const rows = [{ index: 0, score: 9, values: [{ name: hostile, value: hostile, contribution: 1 }] }];
    await writeReport(join(folder, "many.html"), {
      title: hostile,
      generatedAt: "3 May 2026",
      sections: [section, sampleSection("ecod"), sampleSection("forest", "valves"), { ...unlabelled, rows }],
    });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });
  afterEach(() => page.context().close());

  /** Open a report from disk with everything but files blocked, noting requests and faults. */
  async function open(name: string, options: BrowserContextOptions = {}): Promise<Page> {
    requests.length = 0;
    faults.length = 0;
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      offline: true,
      ...options,
    });
    page = await context.newPage();
    await page.route(/^(?!file:)/, (route) => route.abort());
    page.on("request", (request) => requests.push(request.url()));
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") faults.push(message.text());
    });
    await page.goto(pathToFileURL(join(folder, name)).href);
    return page;
  }

  const text = (selector: string) => page.locator(selector).first().textContent();
  const cells = async () => {
    const [trueNegatives, falsePositives, falseNegatives, truePositives] = await Promise.all(
      ["tn", "fp", "fn", "tp"].map(async (key) => Number(await text(`[data-cell=${key}] [data-text=count]`))),
    );
    return { truePositives, falsePositives, trueNegatives, falseNegatives };
  };
  const place = (selector: string) => page.locator(selector).first().getAttribute("transform");

  test("opens from disk without a request or a fault, and runs nothing from its data", async () => {
    for (const name of ["one.html", "many.html"]) {
      await open(name);
      expect(requests.filter((url) => !url.startsWith("data:"))).toEqual([page.url()]);
      expect(faults).toEqual([]);
      expect(await page.evaluate(() => "hacked" in globalThis)).toBe(false);
    }
    expect(await text("h1")).toBe(hostile);
    expect(await page.locator("img").count()).toBe(0);
  });

  test("a typed threshold moves cells, tiles, line and points", async () => {
    await open("one.html");
    const before = {
      line: await place("[data-role=threshold]"),
      roc: await place("[data-figure=roc] [data-role=point]"),
      precisionRecall: await place("[data-figure=precision-recall] [data-role=point]"),
    };
    expect(await cells()).toEqual(confusion(section.labels, section.scores, section.threshold));
    await page.locator("[data-control=threshold]").fill("3.1");
    const counts = confusion(section.labels, section.scores, 3.1);
    expect(await cells()).toEqual(counts);
    const precision = counts.truePositives / (counts.truePositives + counts.falsePositives);
    expect(await text("[data-metric=precision]")).toBe(formatMetric(precision));
    expect(await text("[data-metric=threshold]")).toBe("3.1");
    expect(await text("[data-role=threshold]")).toBe("threshold 3.1");
    expect(await place("[data-role=threshold]")).not.toBe(before.line);
    expect(await place("[data-figure=roc] [data-role=point]")).not.toBe(before.roc);
    expect(await place("[data-figure=precision-recall] [data-role=point]")).not.toBe(before.precisionRecall);
    await page.locator("[data-action=model]").click();
    expect(await place("[data-role=threshold]")).toBe(before.line);
  });

  test("the slider works from the keyboard and says what it does", async () => {
    await open("one.html");
    const slider = page.locator("[data-control=slider]");
    await slider.focus();
    await page.keyboard.press("Home");
    expect(await cells()).toMatchObject({ trueNegatives: 0, falseNegatives: 0 });
    await page.keyboard.press("End");
    expect(await cells()).toMatchObject({ truePositives: 0, falsePositives: 0 });
    const before = await slider.getAttribute("aria-valuetext");
    await page.keyboard.press("PageDown");
    expect(await slider.getAttribute("aria-valuetext")).not.toBe(before);
    expect(await slider.getAttribute("aria-valuetext")).toMatch(/^threshold .* rows flagged/);
  });

  test("the line follows the pointer on the histogram, and the thumb stands under it", async () => {
    await open("one.html");
    const figure = (await page.locator("[data-figure=histogram] .wide svg").boundingBox())!;
    const x = figure.x + figure.width * 0.7;
    await page.mouse.move(figure.x + figure.width * 0.3, figure.y + 100);
    await page.mouse.down();
    await page.mouse.move(x, figure.y + 100);
    await page.mouse.up();
    const line = (await page.locator(".wide [data-role=threshold] line").boundingBox())!;
    expect(Math.abs(line.x + line.width / 2 - x)).toBeLessThan(2);
    const thumb = await page.locator("[data-control=slider]").evaluate((element: HTMLInputElement) => {
      const box = element.getBoundingClientRect();
      return box.left + 9 + (Number(element.value) / Number(element.max)) * (box.width - 18);
    });
    expect(Math.abs(thumb - x)).toBeLessThan(2);
  });

  test("best F1 is no worse than the detector's threshold", async () => {
    await open("one.html");
    const before = Number(await text("[data-metric=f1]"));
    await page.locator("[data-action=best]").click();
    expect(Number(await text("[data-metric=f1]"))).toBeGreaterThanOrEqual(before);
  });

  test("a section without labels has a slider that counts flagged rows", async () => {
    await open("many.html");
    const last = page.locator("section.detector").last();
    await last.locator("[data-control=threshold]").fill("0");
    expect(await last.locator("[data-text=flagged]").textContent()).toBe("400 of 400 rows flagged (100 %)");
    expect(
      await page.locator("section.detector").first().locator("[data-metric=threshold]").textContent(),
    ).toBe("4");
  });

  const luminance = () =>
    page.evaluate(() => {
      const channels = getComputedStyle(document.body).backgroundColor.match(/\d+/g)!.map(Number);
      return channels.slice(0, 3).reduce((sum, channel) => sum + channel, 0) / 3;
    });

  test("follows the system's colours, and the switch turns them", async () => {
    await open("one.html", { colorScheme: "dark" });
    expect(await luminance()).toBeLessThan(60);
    expect(await page.locator("[data-action=theme]").getAttribute("aria-pressed")).toBe("true");
    await page.locator("[data-action=theme]").click();
    expect(await luminance()).toBeGreaterThan(200);
    await page.context().close();
    await open("one.html", { colorScheme: "light" });
    expect(await luminance()).toBeGreaterThan(200);
  });

  test.each(["light", "dark"] as const)(
    "text has a contrast of at least 4.5 in %s colours",
    async (colorScheme) => {
      await open("one.html", { colorScheme });
      const contrasts = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        const light = (name: string) => {
          const [r, g, b] = [1, 3, 5].map((at) => {
            const part =
              Number.parseInt(
                style
                  .getPropertyValue(name)
                  .trim()
                  .slice(at, at + 2),
                16,
              ) / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
          }) as [number, number, number];
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        return ["--ink", "--muted", "--normal", "--anomaly"].flatMap((text) =>
          ["--paper", "--surface"].map((ground) => {
            const [low, high] = [light(text), light(ground)].sort((a, b) => a - b) as [number, number];
            return { text, ground, ratio: (high + 0.05) / (low + 0.05) };
          }),
        );
      });
      for (const contrast of contrasts)
        expect(contrast.ratio, JSON.stringify(contrast)).toBeGreaterThanOrEqual(4.5);
    },
  );

  test.each([400, 700, 1280])("fits a width of %i px without scrolling sideways", async (width) => {
    for (const name of ["one.html", "many.html"]) {
      await open(name, { viewport: { width, height: 800 } });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      await page.context().close();
    }
  });

  test("prints in light colours, without controls, no figure cut, a page for each section", async () => {
    await open("many.html", { colorScheme: "dark" });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await luminance()).toBe(255);
    expect(await page.locator(".controls").first().isVisible()).toBe(false);
    expect(await page.locator("[data-action=theme]").isVisible()).toBe(false);
    const breaks = await page
      .locator("figure")
      .evaluateAll((figures) => figures.map((figure) => getComputedStyle(figure).breakInside));
    expect(new Set(breaks)).toEqual(new Set(["avoid"]));
    const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
    expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g)!.length).toBeGreaterThanOrEqual(5);
  });

  test("every picture, control and image has a name", async () => {
    await open("many.html");
    const unnamed = await page.evaluate(() => ({
      pictures: [...document.querySelectorAll("svg:not([aria-label])")].length,
      images: [...document.querySelectorAll("image")].filter((image) => !image.querySelector("title")).length,
      controls: [...document.querySelectorAll<HTMLInputElement>("input, button")].filter(
        (control) => !control.ariaLabel && !control.labels?.length && !control.textContent?.trim(),
      ).length,
    }));
    expect(unnamed).toEqual({ pictures: 0, images: 0, controls: 0 });
  });
});
