import type { SampleRows } from "./samples.js";

/** SHA-256 of the rows: names, types and values, as 64 hexadecimal digits. */
export async function fingerprint(rows: SampleRows): Promise<string> {
  const head = JSON.stringify([
    rows.dtype,
    rows.rowCount,
    rows.shape,
    rows.names,
    rows.categoryNames,
    rows.categories,
  ]);
  const text = new TextEncoder().encode(head);
  const values = new Uint8Array(rows.data.buffer, rows.data.byteOffset, rows.data.byteLength);
  const all = new Uint8Array(text.length + values.length);
  all.set(text);
  all.set(values, text.length);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
