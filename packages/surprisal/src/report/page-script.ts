import { readFile } from "node:fs/promises";

/** The compiled files that make the page's script, in order: each uses only those before it. */
const parts = [
  "../pictures/format.js",
  "../pictures/score-axis.js",
  "../pictures/cell-opacity.js",
  "./metrics-at.js",
  "./page-data.js",
  "./page.js",
];

/**
 * The script of a report page as text. It is made of the very files the tests run: their imports
 * and exports are taken away and the rest is put in one function scope, so no bundler is needed.
 */
export async function pageScript(): Promise<string> {
  const texts = await Promise.all(parts.map((part) => readFile(new URL(part, import.meta.url), "utf8")));
  const body = texts.map(withoutModules).join("\n");
  return `"use strict";\n(() => {\n${body}\nstartPage(document);\n})();\n`;
}

function withoutModules(text: string): string {
  return text
    .replace(/^import .*$/gm, "")
    .replace(/^export (?=(?:function|const) )/gm, "")
    .replace(/^export \{.*\};?$/gm, "")
    .replace(/^\/\/# sourceMappingURL=.*$/gm, "")
    .trim();
}
