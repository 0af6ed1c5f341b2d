export { type NeighboursOf, nearestNeighbours, searchLayout } from "./graph.js";
export { type PointSet, pointSet, toDistanceFactor, toPoints } from "./point-set.js";
export { type SearchContext, type TrainingNeighbours, trainingNeighbours } from "./training-neighbours.js";
