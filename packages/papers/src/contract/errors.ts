/** Bad usage: one line for a person, exit status 2 of the command. For files there is `DataError`. */
export class UsageError extends Error {
  override name = "UsageError";
}
