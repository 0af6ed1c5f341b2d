// Parts of the detectors' pages that are written by commands.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The text with the part between its markers replaced; without markers it ends the section of that heading. */
export function withPart(text, name, kind, heading, part) {
  const [start, end] = [`<!-- ${kind}: ${name} -->`, `<!-- end of ${kind} -->`];
  const block = `${start}\n\n${part}\n\n${end}`;
  const at = text.indexOf(start);
  if (at >= 0) {
    const endsAt = text.indexOf(end, at);
    return text.slice(0, at) + block + text.slice(endsAt < 0 ? at + start.length : endsAt + end.length);
  }
  const section = text.indexOf(`\n## ${heading}\n`);
  const next = section < 0 ? -1 : text.indexOf("\n## ", section + 1);
  if (next < 0) return `${text.trimEnd()}\n\n${block}\n`;
  return `${text.slice(0, next).trimEnd()}\n\n${block}\n${text.slice(next)}`;
}

/** Puts a part, as Markdown, into the page of a detector. */
export async function writePart(root, name, kind, heading, part) {
  const page = join(root, "packages", "surprisal", "src", "detectors", name, "README.md");
  await writeFile(page, withPart(await readFile(page, "utf8"), name, kind, heading, part));
}
