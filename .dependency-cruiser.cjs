// Imports point one way: cli → surprisal → engine, and inside the engine
// train → runtime → emit → layout → simplify → autodiff → tensor.
const engine = "packages/engine/src";
const order = ["train", "runtime", "emit", "layout", "simplify", "autodiff", "tensor"];

const insideEngine = order.map((folder, i) => ({
  name: `engine-${folder}-looks-down`,
  severity: "error",
  from: { path: `^${engine}/${folder}/`, pathNot: "\\.test\\.ts$" },
  to: { path: `^${engine}/(${order.slice(0, i).join("|") || "nothing"})/` },
}));

module.exports = {
  forbidden: [
    {
      name: "engine-knows-no-anomalies",
      severity: "error",
      from: { path: "^packages/engine/" },
      to: { path: "^packages/(surprisal|cli)/" },
    },
    {
      name: "library-knows-no-cli",
      severity: "error",
      from: { path: "^packages/surprisal/" },
      to: { path: "^packages/cli/" },
    },
    { name: "no-cycles", severity: "error", from: { pathNot: "\\.test\\.ts$" }, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
    ...insideEngine,
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"], extensionAlias: { ".js": [".ts", ".js"] } },
  },
};
