/** Every failure of the command, as one line for people and an exit status: the one place for it. */
import { type ExitStatus, exit } from "./exit.ts";
import { Interrupted } from "./interrupt.ts";
import { zodLine } from "./zodLine.ts";

export interface Failure {
  readonly status: ExitStatus;
  readonly message: string;
}

/** Errors that say what a person gave was wrong; by name, so that nothing is loaded to compare. */
const personErrors = new Set([
  "UsageError",
  "DataError",
  // Settings of the site, its store, and servers that it asks.
  "ConfigurationError",
  "StoreError",
  "SourceError",
]);

export function describeFailure(error: unknown): Failure {
  if (error instanceof Interrupted) {
    return { status: exit.interrupted, message: `etude: ${error.message}` };
  }
  if (!(error instanceof Error)) return internal(String(error));
  if (personErrors.has(error.name)) return badInput(error.message);
  if (error.name === "ZodError" || error.name === "$ZodError") return badInput(schemaLine(error));
  const ofFile = fileLine(error);
  return ofFile === undefined ? internal(error.stack ?? error.message) : badInput(ofFile);
}

const badInput = (message: string): Failure => ({
  status: exit.badInput,
  message: `etude: ${firstLine(message)}`,
});

const internal = (trace: string): Failure => ({
  status: exit.internal,
  message: `etude: an error of Etude itself, not of what you gave it. Please report it with these lines.\n${trace}`,
});

const firstLine = (message: string): string => message.split("\n", 1)[0];

const schemaLine = (error: Error): string =>
  "issues" in error && Array.isArray(error.issues) ? zodLine(error.issues) : error.message;

const fileProblems: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EROFS: "the file system cannot be written to",
  EISDIR: "it is a folder, not a file",
  ENOTDIR: "a part of this path is a file, not a folder",
  EEXIST: "it exists already",
  ENOSPC: "there is no space left on the disk",
  EMFILE: "too many files are open",
};

/** What the file system refused: the path and why; undefined for other errors. */
export function fileLine(error: Error): string | undefined {
  const { code, path } = error as NodeJS.ErrnoException;
  const problem = code === undefined ? undefined : fileProblems[code];
  if (problem === undefined) return undefined;
  return path === undefined ? problem : `${path}: ${problem}`;
}
