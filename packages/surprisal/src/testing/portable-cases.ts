import { randomStream } from "@surprisal/engine";
import type { Table } from "../data/table.js";
import type { Detector, Samples } from "../detector/index.js";
import { clad, deepSvdd, ecod, flow, glow, isolationForest, vae } from "../detectors/index.js";
import { contractRows } from "./contract-rows.js";

export interface PortableCase {
  readonly name: string;
  readonly detector: Detector;
  readonly training: Samples;
  readonly test: Samples;
}

/** A table with numbers, missing numbers, categories and one category that training did not show. */
function mixedTable(count: number, name: string): Table {
  const rows = contractRows(count, name);
  const stream = randomStream(3, `colours/${name}`);
  const colours = ["red", "green", "blue", null];
  return {
    rowCount: count,
    columns: [
      { name: "width", kind: "numeric", values: Float64Array.from(rows, (row) => row[0]!) },
      {
        name: "weight",
        kind: "numeric",
        values: Float64Array.from(rows, (row, i) => (i % 9 === 4 ? Number.NaN : row[1]!)),
      },
      {
        name: "colour",
        kind: "categorical",
        values: rows.map((_, i) => (name === "test" && i === 0 ? "violet" : colours[stream.integer(4)]!)),
      },
    ],
  };
}

/** Images of a bright square on dark ground, somewhere near the middle. */
function squares(count: number, name: string) {
  const stream = randomStream(5, name);
  const data = new Uint8Array(count * 64);
  for (let i = 0; i < count; i++) {
    const [top, left] = [1 + stream.integer(3), 1 + stream.integer(3)];
    for (let y = 0; y < 4; y++) {
      for (let x = 0; x < 4; x++) data[64 * i + 8 * (top + y) + left + x] = 200 + stream.integer(56);
    }
  }
  return { data, shape: [count, 8, 8, 1] };
}

/** One case for each kind of file: numbers, mixed tables, images; every way of making a graph. */
export const portableCases: readonly PortableCase[] = [
  {
    name: "ecod on numbers",
    detector: ecod({ seed: 1 }),
    training: contractRows(300, "training"),
    test: contractRows(60, "test", true),
  },
  {
    name: "isolation forest on a mixed table",
    detector: isolationForest({ seed: 1, trees: 30 }),
    training: mixedTable(300, "training"),
    test: mixedTable(60, "test"),
  },
  {
    name: "ecod on a mixed table",
    detector: ecod({ seed: 1 }),
    training: mixedTable(300, "training"),
    test: mixedTable(60, "test"),
  },
  {
    name: "vae on numbers",
    detector: vae({ seed: 1, epochs: 5 }),
    training: contractRows(300, "training"),
    test: contractRows(60, "test", true),
  },
  {
    name: "vae on images",
    detector: vae({ seed: 1, epochs: 3, hidden: [16], latent: 2 }),
    training: squares(200, "training"),
    test: squares(40, "test"),
  },
  {
    name: "glow on images",
    detector: glow({ seed: 1, steps: 60, scales: 2, depth: 2, width: 8, learningRate: 2e-3 }),
    training: squares(200, "training"),
    test: squares(40, "test"),
  },
  {
    name: "deep-svdd on images",
    detector: deepSvdd({ seed: 1, epochs: 2, pretrainingEpochs: 2 }),
    training: squares(200, "training"),
    test: squares(40, "test"),
  },
  {
    name: "clad on images, a ResNet-18 with the gradient of ODIN",
    detector: clad({ seed: 1, clusters: 4, network: "resnet18", width: 8, classifierEpochs: 2 }),
    training: squares(200, "training"),
    test: squares(40, "test"),
  },
  {
    name: "flow on a mixed table",
    detector: flow({ seed: 1, epochs: 5, blocks: 2 }),
    training: mixedTable(300, "training"),
    test: mixedTable(60, "test"),
  },
];
