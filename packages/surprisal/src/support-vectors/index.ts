export { type Boundary, type BoundaryOptions, fitBoundary, MOST_EXACT_ROWS } from "./boundary.js";
export { centred, expansionElements, expansionGraph, squaredNorms } from "./graph.js";
export { boundaryOptions, nuOption } from "./options.js";
