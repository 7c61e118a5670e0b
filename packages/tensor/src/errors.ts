/** An error a user can act on: what was wrong, where in their code, what to do. */
export class TensorError extends Error {
  override name = "TensorError";
}

const engineFolder = new URL(".", import.meta.url).href;

/** The first stack frame outside the engine, as `file:line:column`, or undefined if there is none. */
function callerLine(stack: string | undefined): string | undefined {
  for (const line of (stack ?? "").split("\n").slice(1)) {
    const place = /\(?((?:file:|https?:|\/|[A-Za-z]:\\)[^\s()]*:\d+:\d+)\)?$/.exec(
      line.trim(),
    )?.[1];
    if (place === undefined) continue;
    const isTest = /\.test\.ts:/.test(place);
    const path = place.startsWith("/") ? `file://${place}` : place;
    if (path.startsWith(engineFolder) && !isTest) continue;
    if (path.includes("node_modules") || path.includes("node:")) continue;
    return path.replace(/^file:\/\//, "");
  }
  return undefined;
}

/** Throw a {@link TensorError} that ends with the caller's line, the place a user will look at. */
export function fail(message: string): never {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60; // user frames may lie below many engine frames (vmap of grad of scan)
  const error = new TensorError(message);
  Error.stackTraceLimit = limit;
  const line = callerLine(error.stack);
  if (line !== undefined) error.message = `${message}\n    at ${line}`;
  throw error;
}

export const showShape = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
