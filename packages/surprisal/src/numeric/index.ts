export { floorFloat32, nextFloat32, previousFloat32 } from "./float32.js";
