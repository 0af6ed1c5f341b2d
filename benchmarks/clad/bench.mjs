// AUROC of CLAD and Deep SVDD on MNIST's scenarios: trained on the training images of some digits, told apart
// on all test images, where every other digit is an anomaly. Labels of the test images serve the AUROC alone.
//   npm run bench:clad -- [--scenarios CUR,STR,MIX] [--detectors clad,deep-svdd] [--seeds 1] [--images 4000]
//     [--clusters 10] [--options JSON] [--members 1] [--svdd JSON]
// Several members of CLAD are combined as combine does: the mean of their scores on the scale of the training rows.
// Needs MNIST under SURPRISAL_DATA, or downloads it.
import { parseArgs } from "node:util";
import { auroc, clad, combine, deepSvdd, loadDataset } from "surprisal";

const { values } = parseArgs({
  options: {
    scenarios: { type: "string", default: "CUR,STR,MIX" },
    detectors: { type: "string", default: "clad,deep-svdd" },
    seeds: { type: "string", default: "1" },
    images: { type: "string", default: "all" },
    clusters: { type: "string", default: "10" },
    options: {
      type: "string",
      default: "{}",
    },
    members: { type: "string", default: "1" },
    svdd: { type: "string", default: "{}" },
  },
});

const scenarios = { CUR: [0, 3, 8], STR: [1, 4, 7], MIX: [2, 5, 6, 9] };
const members = Number(values.members);
const makers = {
  clad: (seed, clusters) => {
    const common = { calibration: 0, seed };
    const one = clad({ ...JSON.parse(values.options), clusters, ...common });
    return members === 1 ? one : combine({ detectors: Array(members).fill(one), ...common });
  },
  "deep-svdd": (seed) => deepSvdd({ ...JSON.parse(values.svdd), calibration: 0, seed }),
};

/** Images of some classes, evenly spaced ones where there are more than wanted. */
function imagesOf({ X, y }, classes) {
  const all = [...y.keys()].filter((i) => classes.includes(y[i]));
  const count = values.images === "all" ? all.length : Math.min(all.length, Number(values.images));
  const rows = Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]);
  const size = X.data.length / X.shape[0];
  const data = new X.data.constructor(rows.length * size);
  rows.forEach((row, i) => {
    data.set(X.data.subarray(row * size, (row + 1) * size), i * size);
  });
  return { data, shape: [rows.length, ...X.shape.slice(1)] };
}

const mnist = await loadDataset("mnist");
for (const seed of values.seeds.split(",").map(Number)) {
  for (const scenario of values.scenarios.split(",")) {
    const classes = scenarios[scenario];
    const training = imagesOf(mnist, classes);
    const labels = Array.from(mnist.test.y, (digit) => (classes.includes(digit) ? 0 : 1));
    for (const name of values.detectors.split(",")) {
      const ks = name === "clad" ? values.clusters.split(",").map(Number) : [undefined];
      for (const k of ks) {
        const begun = performance.now();
        const before = process.cpuUsage();
        const model = await makers[name](seed, k).fit(training);
        const { user, system } = process.cpuUsage(before);
        const seconds = (performance.now() - begun) / 1000;
        const scored = await model.score(mnist.test.X, { outputs: model.metadata.outputs });
        // Those of one value a row are scores.
        const found = Object.entries(scored.outputs)
          .filter(([, { shape }]) => shape.length === 1)
          .map(([output, { data }]) => [output, auroc(labels, data)]);
        const figures = {
          scenario,
          detector: name,
          seed,
          k,
          ...(name === "clad" && { members }),
          auroc: auroc(labels, scored.scores),
          ...Object.fromEntries(found),
          seconds,
          processorSeconds: (user + system) / 1e6,
          images: training.shape[0],
          ...model.metadata.training.summary,
        };
        console.log(JSON.stringify(figures));
        await model.close();
      }
    }
  }
}
