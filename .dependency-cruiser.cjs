// Imports point one way: cli → surprisal → engine, and inside the engine
// train → runtime → emit → layout → simplify → autodiff → tensor. Looks at the compiled files.
const engine = "packages/engine/dist";
const order = ["train", "runtime", "emit", "layout", "simplify", "autodiff", "tensor"];

const insideEngine = order.map((folder, i) => ({
  name: `engine-${folder}-looks-down`,
  severity: "error",
  from: { path: `^${engine}/${folder}/`, pathNot: "\\.test\\.js$" },
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
    {
      name: "no-cycles",
      severity: "error",
      from: { pathNot: "\\.test\\.js$" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    ...insideEngine,
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "\\.d\\.ts$|/dist/testing/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "default"] },
  },
};
