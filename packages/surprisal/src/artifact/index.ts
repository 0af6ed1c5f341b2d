export { metadataEntry, readArtifact, replaceMetadata } from "./artifact.js";
export { readFileWhole } from "./file.js";
export {
  type InputSchema,
  inputSchema,
  METADATA_KEY,
  METADATA_VERSION,
  type Metadata,
  metadataSchema,
} from "./metadata.js";
