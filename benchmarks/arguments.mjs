// What the benchmarks' command lines have in common.

export const list = (text) => text.split(",").filter(Boolean);

/** Ends the program where a name is not among the known ones. */
export function refuseUnknown(given, known, what) {
  const unknown = given.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  console.error(`there is no ${what} ${unknown.join(", ")}; choose from ${known.join(", ")}`);
  process.exit(1);
}
