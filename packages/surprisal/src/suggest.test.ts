import { describe, expect, it } from "vitest";
import { didYouMean, suggestion } from "./suggest.js";

describe("didYouMean", () => {
  const names = ["isolationForest", "ecod", "vae", "fashion-mnist", "mnist"];

  it("finds the nearest of mistyped names", () => {
    expect(didYouMean("isolatonForest", names)).toBe("isolationForest");
    expect(didYouMean("ecdo", names)).toBe("ecod");
    expect(didYouMean("Fashion_MNIST", names)).toBe("fashion-mnist");
    expect(didYouMean("minst", names)).toBe("mnist");
  });

  it("takes the beginning of a name for the name", () => {
    expect(didYouMean("isolation", names)).toBe("isolationForest");
  });

  it("finds nothing far away, and nothing for no letters", () => {
    expect(didYouMean("temperature", names)).toBeUndefined();
    expect(didYouMean("", names)).toBeUndefined();
    expect(didYouMean("abc", [])).toBeUndefined();
  });
});

describe("suggestion", () => {
  it("names the nearest, else what there is", () => {
    expect(suggestion("vea", ["vae", "ecod"], "detectors")).toBe(' Did you mean "vae"?');
    expect(suggestion("zzzzzz", ["vae", "ecod"], "detectors")).toBe(" Known detectors: vae, ecod.");
    expect(suggestion("zzzzzz", ["vae", "ecod"], "detectors", 1)).toBe(" Known detectors: vae, and 1 more.");
    expect(suggestion("x", [])).toBe("");
  });
});
