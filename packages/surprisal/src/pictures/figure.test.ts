import { expect, test } from "vitest";
import { parseSvg } from "../testing/svg.js";
import { escapeXml, fitText, legend, svg } from "./figure.js";

test("text is safe in content and in quoted attributes", () => {
  const hostile = `<script>"&'</script>`;
  expect(escapeXml(hostile)).not.toMatch(/[<>"']/);
  expect(escapeXml("plain text 1.5")).toBe("plain text 1.5");
});

test("characters that XML forbids are replaced", () => {
  expect(escapeXml("a\u0000b\u001fc\ud800")).toBe("a\ufffdb\ufffdc\ufffd");
  expect(escapeXml("a\tb\u{1f600}")).toBe("a\tb\u{1f600}");
});

test("a figure has a name and a description and is well-formed whatever they hold", async () => {
  const title = `<b>&"quote'`;
  const drawing = await parseSvg(
    svg({ id: `a"b`, title, description: "</desc><x>", width: 10, height: 5 }, ""),
  );
  expect(drawing.getAttribute("role")).toBe("img");
  expect(drawing.getAttribute("aria-label")).toBe(title);
  expect(drawing.querySelector("desc")?.textContent).toBe("</desc><x>");
  expect(drawing.getAttribute("viewBox")).toBe("0 0 10 5");
});

test("a legend wraps where the next name does not fit", async () => {
  const entries = ["first entry", "second entry"].map((name) => ({ name, color: "red" }));
  const lines = async (width: number) => {
    const drawing = svg({ id: "l", title: "l", width, height: 40 }, legend(entries, 0, 12, width));
    return [...(await parseSvg(drawing)).querySelectorAll("text")].map((text) => text.getAttribute("y"));
  };
  expect(await lines(400)).toEqual(["12", "12"]);
  expect(await lines(120)).toEqual(["12", "28"]);
});

test("long text is cut with an ellipsis", () => {
  expect(fitText("short", 100)).toBe("short");
  expect(fitText("a very long feature name", 66)).toBe("a very lo…");
});
