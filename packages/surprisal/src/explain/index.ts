export { contributions } from "./contributions.js";
export { occlusion, type TypicalValue, typicalValues } from "./occlusion.js";
