import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** Chromium on this machine: `CHROMIUM_PATH`, else one of the usual places, else undefined. */
export const chromiumPath: string | undefined = [process.env.CHROMIUM_PATH ?? "", ...usualPlaces].find(
  (path) => path !== "" && existsSync(path),
);

/** What a test that needs Chromium adds to its name, so that a skipped one says why. */
export const chromiumNote = chromiumPath ? "" : " (skipped: no Chromium found; set CHROMIUM_PATH to run it)";

/** Start Chromium without a window and without talking to anyone. Close it after use. */
export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: chromiumPath!,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
