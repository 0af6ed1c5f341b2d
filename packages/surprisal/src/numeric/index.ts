export { blockRows, inBlocks } from "./blocks.js";
export { chiSquareCdf, chiSquareQuantile } from "./chi-square.js";
export {
  choleskyFactor,
  choleskyLogDeterminant,
  invertLowerTriangular,
  squaredMahalanobis,
} from "./cholesky.js";
export { columnTable } from "./column-table.js";
export { columnMeans, covarianceMatrix, type RowChoice } from "./covariance.js";
export { distinctValues } from "./distinct-values.js";
export { betweenFloat32, floorFloat32, nextFloat32, previousFloat32 } from "./float32.js";
export { logGamma, regularizedGamma } from "./gamma.js";
export { fitGeneralizedPareto, type GeneralizedPareto } from "./generalized-pareto.js";
export { type PivotedCholesky, pivotedCholesky } from "./pivoted-cholesky.js";
export { LARGEST_FLOAT32, saturateFloat32 } from "./saturate.js";
export { smallestIndices } from "./smallest.js";
export { sortFloats } from "./sort-floats.js";
export { type SymmetricEigen, symmetricEigen } from "./symmetric-eigen.js";
export { type OutsideSpan, type Whitening, whitening } from "./whitening.js";
export { wideCovariance } from "./wide-covariance.js";
