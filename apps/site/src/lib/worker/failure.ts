/** What went wrong, told to a person. */
import type { Failure } from "./protocol.ts";

/** Errors of the engine while it is given something of the visitor: then it is that which does not fit. */
const ofEngine = new Set(["TensorError", "LearnError"]);

/**
 * @param isUse whether the visitor's own files were at work, so that an error of the engine is about them
 */
export function failureOf(error: unknown, { isUse }: { isUse: boolean }): Failure {
  if (!(error instanceof Error)) return { kind: "internal", message: String(error) };
  const message = error.message.split("\n", 1)[0];
  if (error.name === "DataError") return { kind: "data", message, ...placeOf(error) };
  if (error.name === "UsageError") return { kind: "usage", message: withoutDashes(message) };
  if (ofEngine.has(error.name)) {
    return isUse
      ? { kind: "usage", message: `the method cannot be applied to this: ${message}` }
      : { kind: "engine", message };
  }
  if (error.name === "QuotaExceededError") {
    const what = "the browser has no room left for the steps of this run";
    return { kind: "engine", message: `${what}; free some, or use a window that is not private` };
  }
  return { kind: "internal", message: error.stack ?? message };
}

function placeOf(error: Error): Pick<Failure, "file" | "row" | "column"> {
  const { file, row, column } = error as Error & Pick<Failure, "file" | "row" | "column">;
  return {
    ...(file !== undefined && { file }),
    ...(row !== undefined && { row }),
    ...(column !== undefined && { column }),
  };
}

/** Papers speak of "--learning-rates" of the command; a form has "learning rates". */
const withoutDashes = (message: string): string =>
  message.replace(/(?<!\S)--([a-z][a-z-]*)/g, (_, name: string) => name.replaceAll("-", " "));
