export { type RuntimeInfo, runtimeInfo } from "./info.js";
export { type LaneOptions, type Lanes, openLanes } from "./lanes.js";
export type { Backend } from "./platform.js";
export type { GraphOptimization, SessionValue } from "./protocol.js";
export { openSession, type RunOptions, type Session, type SessionOptions } from "./session.js";
