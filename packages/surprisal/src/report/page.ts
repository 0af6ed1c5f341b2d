import { cellOpacity } from "../pictures/cell-opacity.js";
import { formatCount, formatMetric, formatNumber, formatPercent } from "../pictures/format.js";
import { project, unproject } from "../pictures/score-axis.js";
import { bestThreshold, metricsAt, type ThresholdMetrics } from "./metrics-at.js";
import { decodeSection, type PageSection } from "./page-data.js";

/** Steps of the slider along the score axis. */
export const sliderSteps = 2000;

/**
 * Bring a report page to life: theme switch, index, and every section's threshold slider. The page's
 * inlined script calls it by name.
 * @public
 */
export function startPage(page: Document): void {
  page.documentElement.classList.add("scripted");
  themeSwitch(page);
  followIndex(page);
  for (const element of page.querySelectorAll('script[type="application/json"][data-section]')) {
    sectionSlider(page, JSON.parse(element.textContent ?? "") as PageSection);
  }
}

function themeSwitch(page: Document): void {
  const button = page.querySelector<HTMLButtonElement>("[data-action=theme]");
  const prefersDark = page.defaultView?.matchMedia("(prefers-color-scheme: dark)");
  if (!button || !prefersDark) return;
  const isDark = () =>
    (page.documentElement.dataset.theme ?? (prefersDark.matches ? "dark" : "light")) === "dark";
  const show = () => {
    button.setAttribute("aria-pressed", String(isDark()));
  };
  button.addEventListener("click", () => {
    page.documentElement.dataset.theme = isDark() ? "light" : "dark";
    show();
  });
  prefersDark.addEventListener("change", show);
  show();
}

/** Mark the index entry of the section in view. */
function followIndex(page: Document): void {
  const links = new Map(
    [...page.querySelectorAll<HTMLAnchorElement>(".index a")].map((link) => [link.hash.slice(1), link]),
  );
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        for (const link of links.values()) link.removeAttribute("aria-current");
        links.get(target.id)?.setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "-20% 0px -70% 0px" },
  );
  for (const id of links.keys()) {
    const section = page.getElementById(id);
    if (section) observer.observe(section);
  }
}

function sectionSlider(page: Document, data: PageSection): void {
  const root = page.getElementById(data.id);
  const slider = root?.querySelector<HTMLInputElement>("[data-control=slider]");
  const field = root?.querySelector<HTMLInputElement>("[data-control=threshold]");
  if (!root || !slider || !field) return;
  const points = decodeSection(data);
  const { axis } = data;
  const own = Number(data.threshold);

  const show = (threshold: number, from?: HTMLInputElement) => {
    const metrics = metricsAt(points, threshold);
    const rows = points.positives + points.negatives;
    const flagged = `${formatCount(metrics.flagged)} of ${formatCount(rows)} rows flagged (${formatPercent(metrics.flagged / rows)})`;
    if (from !== slider) slider.value = String(Math.round(project(axis, threshold) * sliderSteps));
    if (from !== field)
      field.value = Number.isFinite(threshold) ? String(Number(threshold.toPrecision(6))) : "";
    slider.setAttribute("aria-valuetext", `threshold ${formatNumber(threshold)}, ${flagged}`);
    setText(root, "[data-text=flagged]", flagged);
    showTiles(root, metrics, rows);
    for (const figure of root.querySelectorAll<SVGElement>("[data-figure=histogram] svg")) {
      moveLine(figure, project(axis, threshold), threshold);
    }
    if (!data.labelled) return;
    showConfusion(root, metrics);
    movePoint(root, "roc", metrics.falsePositiveRate, metrics.recall);
    movePoint(root, "precision-recall", metrics.recall, metrics.precision);
  };

  slider.addEventListener("input", () => show(unproject(axis, Number(slider.value) / sliderSteps), slider));
  field.addEventListener("input", () => {
    if (field.value.trim() !== "" && Number.isFinite(field.valueAsNumber)) show(field.valueAsNumber, field);
  });
  root.querySelector("[data-action=model]")?.addEventListener("click", () => show(own));
  root.querySelector("[data-action=best]")?.addEventListener("click", () => show(bestThreshold(points)));
  for (const figure of root.querySelectorAll<SVGElement>("[data-figure=histogram] svg")) {
    dragLine(figure, (position) => show(unproject(axis, position)));
  }
  show(own);
}

/** Let the pointer set the threshold anywhere on the histogram. */
function dragLine(figure: SVGElement, move: (position: number) => void): void {
  const { left, right } = numbers(figure, "left", "right");
  const at = (event: PointerEvent) => {
    const box = figure.getBoundingClientRect();
    const width = (figure as SVGSVGElement).viewBox.baseVal.width;
    const x = ((event.clientX - box.left) / box.width) * width;
    move(Math.min(1, Math.max(0, (x - left!) / (right! - left!))));
  };
  figure.addEventListener("pointerdown", (event) => {
    figure.setPointerCapture(event.pointerId);
    at(event);
  });
  figure.addEventListener("pointermove", (event) => {
    if (figure.hasPointerCapture(event.pointerId)) at(event);
  });
}

function moveLine(figure: SVGElement, position: number, threshold: number): void {
  const { left, right } = numbers(figure, "left", "right");
  const x = left! + position * (right! - left!);
  const line = figure.querySelector("[data-role=threshold]");
  const text = line?.querySelector("text");
  line?.setAttribute("transform", `translate(${x.toFixed(2)},0)`);
  if (text) {
    const end = position > 0.5;
    text.setAttribute("text-anchor", end ? "end" : "start");
    text.setAttribute("x", end ? "-6" : "6");
    text.textContent = `threshold ${formatNumber(threshold)}`;
  }
  const area = figure.querySelector("[data-role=flagged]");
  area?.setAttribute("x", x.toFixed(2));
  area?.setAttribute("width", Math.max(0, right! - x).toFixed(2));
}

function movePoint(root: Element, figure: string, x: number, y: number): void {
  const drawn = root.querySelector<SVGElement>(`[data-figure=${figure}] svg`);
  if (!drawn) return;
  const { x0, x1, y0, y1 } = numbers(drawn, "x0", "x1", "y0", "y1");
  const left = x0! + x * (x1! - x0!);
  const top = y0! + y * (y1! - y0!);
  drawn
    .querySelector("[data-role=point]")
    ?.setAttribute("transform", `translate(${left.toFixed(2)},${top.toFixed(2)})`);
}

function showConfusion(root: Element, metrics: ThresholdMetrics): void {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = metrics;
  const normals = trueNegatives + falsePositives;
  const anomalies = truePositives + falseNegatives;
  const cells: [string, number, number][] = [
    ["tn", trueNegatives, normals],
    ["fp", falsePositives, normals],
    ["fn", falseNegatives, anomalies],
    ["tp", truePositives, anomalies],
  ];
  for (const [key, count, of] of cells) {
    const cell = root.querySelector(`[data-cell=${key}]`);
    if (!cell) continue;
    cell.querySelector("rect")?.setAttribute("fill-opacity", String(cellOpacity(count / of)));
    setText(cell, "[data-text=count]", formatCount(count));
    setText(cell, "[data-text=share]", formatPercent(count / of));
  }
}

function showTiles(root: Element, metrics: ThresholdMetrics, rows: number): void {
  setText(root, "[data-metric=threshold]", formatNumber(metrics.threshold));
  setText(root, "[data-metric=precision]", formatMetric(metrics.precision));
  setText(root, "[data-metric=recall]", formatMetric(metrics.recall));
  setText(root, "[data-metric=f1]", formatMetric(metrics.f1));
  setText(root, "[data-metric=flagged]", formatPercent(metrics.flagged / rows));
}

function setText(root: Element, selector: string, text: string): void {
  const element = root.querySelector(selector);
  if (element && element.textContent !== text) element.textContent = text;
}

function numbers(element: SVGElement, ...names: string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, Number(element.dataset[name])]));
}
