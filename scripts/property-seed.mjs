// The seed of the properties that fast-check draws: one and the same, so that a build that passed passes
// again. SURPRISAL_TEST_SEED=N draws others.
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.SURPRISAL_TEST_SEED ?? 1) });
