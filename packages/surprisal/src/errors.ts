/**
 * A fault in what the user gave: the message names the column, row, file or option and says what
 * to do. The command line prints it without a stack trace.
 */
export class SurprisalError extends Error {
  override readonly name = "SurprisalError";
}
