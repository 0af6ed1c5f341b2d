import { floats, int, ints, string, strings } from "../onnx/attribute.js";
import type { TreeEnsembleAttributes } from "../tensor/operators.js";
import type { Attributes, Rules } from "./rule.js";

/** Domain of the operators of classical machine learning. */
export const mlDomain = "ai.onnx.ml";

/** The ensemble in ONNX's parallel arrays; each tree's nodes are numbered from its root, 0. */
function treeAttributes(ensemble: TreeEnsembleAttributes): Attributes {
  const { roots, feature, threshold, left, right, value } = ensemble;
  const nodes = {
    tree: [] as number[],
    id: [] as number[],
    feature: [] as number[],
    threshold: [] as number[],
    isLeaf: [] as boolean[],
    left: [] as number[],
    right: [] as number[],
  };
  const leaves = { tree: [] as number[], id: [] as number[], weight: [] as number[] };
  for (const [tree, root] of roots.entries()) {
    const order = [root];
    for (let id = 0; id < order.length; id++) {
      const at = order[id] as number;
      const isLeaf = feature[at] === -1;
      nodes.tree.push(tree);
      nodes.id.push(id);
      nodes.isLeaf.push(isLeaf);
      nodes.feature.push(isLeaf ? 0 : (feature[at] as number));
      nodes.threshold.push(isLeaf ? 0 : (threshold[at] as number));
      if (isLeaf) {
        nodes.left.push(0);
        nodes.right.push(0);
        leaves.tree.push(tree);
        leaves.id.push(id);
        leaves.weight.push(value[at] as number);
      } else {
        nodes.left.push(order.push(left[at] as number) - 1);
        nodes.right.push(order.push(right[at] as number) - 1);
      }
    }
  }
  return {
    nodes_treeids: ints(nodes.tree),
    nodes_nodeids: ints(nodes.id),
    nodes_featureids: ints(nodes.feature),
    nodes_values: floats(nodes.threshold),
    nodes_modes: strings(nodes.isLeaf.map((isLeaf) => (isLeaf ? "LEAF" : "BRANCH_LEQ"))),
    nodes_truenodeids: ints(nodes.left),
    nodes_falsenodeids: ints(nodes.right),
    target_treeids: ints(leaves.tree),
    target_nodeids: ints(leaves.id),
    target_ids: ints(leaves.id.map(() => 0)),
    target_weights: floats(leaves.weight),
    n_targets: int(1),
    aggregate_function: string(ensemble.aggregate === "sum" ? "SUM" : "AVERAGE"),
  };
}

export const encodingRules: Rules<"labelEncode" | "treeEnsemble"> = {
  labelEncode: {
    emit: (x, context) => {
      const { levels } = x.attributes;
      // The table may not be empty: without levels an arbitrary key stands for "unknown".
      const keys = levels.length > 0 ? levels : [""];
      const attributes = {
        keys_strings: strings(keys),
        values_int64s: ints(keys.map((_, i) => (levels.length > 0 ? i : -1))),
        default_int64: int(-1),
      };
      return context.add("LabelEncoder", [context.nameOf(x.operands[0]!)], attributes, mlDomain);
    },
  },
  treeEnsemble: {
    emit: (x, context) =>
      context.add(
        "TreeEnsembleRegressor",
        [context.nameOf(x.operands[0]!)],
        treeAttributes(x.attributes),
        mlDomain,
      ),
  },
};
