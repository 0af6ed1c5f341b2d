import { randomStream } from "@surprisal/engine";
import type { CombinedDetector } from "../../combine/index.js";
import { takeSampleRows } from "../../detector/samples.js";

/** The detector learned from at most so many of the rows, drawn at random. */
export function onSample(detector: CombinedDetector, most: number): CombinedDetector {
  return {
    name: detector.name,
    learn(rows, context) {
      if (rows.rowCount <= most) return detector.learn(rows, context);
      const chosen = randomStream(context.seed, "sample").choice(rows.rowCount, most).sort();
      return detector.learn(takeSampleRows(rows, chosen), context);
    },
  };
}
