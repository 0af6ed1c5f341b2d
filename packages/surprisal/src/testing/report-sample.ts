import { randomStream } from "@surprisal/engine/random";
import type { ReportSection } from "../report/types.js";

/** A small made-up section with every part a report can show, for tests. */
export function sampleSection(detector = "vae", dataset = "sensors"): ReportSection & { labels: Uint8Array } {
  const stream = randomStream(7, `report/${detector}/${dataset}`);
  const labels = Uint8Array.from({ length: 400 }, (_, row) => (row % 20 === 0 ? 1 : 0));
  const scores = Float32Array.from(
    labels,
    (label) => 2 + Math.abs(stream.normal()) + 3 * label * stream.uniform(),
  );
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!);
  const image = (shade: number) => ({
    width: 4,
    height: 4,
    channels: 1,
    data: Uint8Array.from({ length: 16 }, (_, i) => (shade + 12 * i) % 256),
  });
  return {
    detector,
    dataset,
    description: "Made-up scores.",
    options: { latent: 2, seed: 7 },
    file: { name: `${detector}.onnx`, bytes: 12_345 },
    fingerprint: "sha256:0123",
    scores,
    labels,
    pValues: Float32Array.from(scores, () => stream.uniform()),
    threshold: 4,
    thresholdRule: "5 % false positives",
    seconds: { fit: 1.5, score: 0.01 },
    training: {
      history: [1, 2, 3, 4].map((epoch) => ({
        epoch,
        loss: 10 / epoch,
        validationLoss: 11 / epoch,
        metrics: { kl: epoch / 10 },
      })),
    },
    rows: order.slice(0, 12).map((index) => ({
      index,
      score: scores[index]!,
      pValue: 0.01,
      label: labels[index] === 1 ? 1 : 0,
      values: ["temperature", "pressure", "flow"].map((name) => ({
        name,
        value: stream.normal().toFixed(2),
        contribution: stream.normal(),
      })),
    })),
    images: order.slice(0, 3).map((index) => ({
      index,
      score: scores[index]!,
      error: scores[index]!,
      label: labels[index] === 1 ? 1 : 0,
      input: image(index % 100),
      reconstruction: image(0),
    })),
    featureNames: ["temperature", "pressure", "flow"],
  };
}
