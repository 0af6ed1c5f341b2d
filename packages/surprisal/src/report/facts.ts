import { formatBytes, formatCount, formatNumber, formatSeconds } from "../pictures/format.js";
import type { EvaluatedSection } from "./evaluation.js";
import { type Content, html, type Markup } from "./html.js";
import type { ReportEpoch } from "./types.js";

/** What a section is about: data, file, threshold rule, training, times, options. */
export function sectionFacts({ section, points }: EvaluatedSection): Markup {
  const { file, featureNames, thresholdRule, training, seconds, fingerprint, options } = section;
  const rows = formatCount(section.scores.length);
  const anomalies = `${rows} (${formatCount(points.positives)} anomalies)`;
  const facts: [string, Content][] = [
    ["Rows scored", points.labelled ? anomalies : rows],
    ["Features", featureNames && featureList(featureNames)],
    ["Model file", file && `${file.name}, ${formatBytes(file.bytes)}`],
    ["Threshold", thresholdRule],
    ["Training", training && trainingSummary(training.history)],
    ["Time", timeSummary(seconds)],
    ["Fingerprint", fingerprint && html`<code>${fingerprint}</code>`],
    ["Options", options && optionList(options)],
  ];
  const shown = facts.filter(([, value]) => value !== undefined && value !== "");
  return html`<dl class="facts">${shown.map(([name, value]) => html`<div class="${name === "Options" ? "whole" : "part"}"><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function featureList(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(", ");
  return names.length > 12 ? `${names.length}: ${shown}, …` : `${names.length}: ${shown}`;
}

function optionList(options: Readonly<Record<string, unknown>>): Content {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return entries.length === 0
    ? "defaults"
    : entries.map(
        ([name, value]) => html`<span class="option"><code>${name}</code> ${printOption(value)}</span> `,
      );
}

function printOption(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return formatNumber(value, 6);
  return JSON.stringify(value) ?? String(value);
}

function timeSummary(seconds: { readonly fit?: number; readonly score?: number } | undefined): string {
  const parts = [
    seconds?.fit === undefined ? "" : `${formatSeconds(seconds.fit)} to fit`,
    seconds?.score === undefined ? "" : `${formatSeconds(seconds.score)} to score`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** Training in one sentence: epochs, last loss, best validation loss. */
function trainingSummary(history: readonly ReportEpoch[]): string {
  const last = history.at(-1);
  if (!last) return "";
  const epochs = history.length === 1 ? "1 epoch" : `${formatCount(history.length)} epochs`;
  const validated = history.filter(({ validationLoss }) => validationLoss !== undefined);
  const best = validated.reduce<ReportEpoch | undefined>(
    (low, entry) => (low === undefined || entry.validationLoss! < low.validationLoss! ? entry : low),
    undefined,
  );
  const validation = best
    ? `, best validation loss ${formatNumber(best.validationLoss!)} in epoch ${best.epoch}`
    : "";
  return `${epochs}, last training loss ${formatNumber(last.loss)}${validation}`;
}
