/** The first thing a schema has against a value, in a line. */

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** "claims.0.bar: Invalid input", "options is missing" */
export function zodLine([issue]: readonly Issue[]): string {
  const place = issue.path.map(String).join(".");
  if (issue.message.endsWith("received undefined")) return `${place || "everything"} is missing`;
  return place === "" ? issue.message : `${place}: ${issue.message}`;
}
