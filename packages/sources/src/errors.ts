/** Errors about sources: which host, what it answered, and what was expected of it. */

/** What a {@link SourceError} is about. */
export interface About {
  /** Host and port asked, e.g. `export.arxiv.org`. */
  readonly host?: string;
  /** HTTP status of its answer. */
  readonly status?: number;
  /** Asking again later may help: a network fault, an overloaded server, an unreadable answer. */
  readonly transient?: boolean;
  /** The `Retry-After` of the answer as it came: seconds or an HTTP date. */
  readonly retryAfter?: string;
}

/**
 * An error of one line; the only kind that this package throws, apart from the reason of an
 * aborted signal and what a sink or a store of states throws.
 *
 * @example
 * new SourceError("answered 503 Service Unavailable", { host: "export.arxiv.org" }).message
 * // export.arxiv.org: answered 503 Service Unavailable
 */
export class SourceError extends Error {
  override name = "SourceError";
  readonly host?: string;
  readonly status?: number;
  readonly transient: boolean;
  readonly retryAfter?: string;

  constructor(problem: string, about: About = {}, options?: ErrorOptions) {
    super(oneLine(about.host === undefined ? problem : `${about.host}: ${problem}`), options);
    this.host = about.host;
    this.status = about.status;
    this.transient = about.transient ?? false;
    this.retryAfter = about.retryAfter;
  }
}

/** An answer that cannot be made sense of; asked again, the source may give a better one. */
export const unreadable = (host: string, problem: string, cause?: unknown): SourceError =>
  new SourceError(problem, { host, transient: true }, { cause });

const longest = 80; // characters of a foreign text that an error repeats

/** A foreign text as an error shows it: in quotation marks, on one line, cut where it is long. */
export function quote(text: string): string {
  const start = text.slice(0, longest).toWellFormed();
  return `"${oneLine(start)}${start.length < text.length ? "..." : ""}"`;
}

const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, " ");

/** What a caught value says of itself; network faults say it by their code. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return error.message === "" ? code || error.name : error.message;
}

/** Numbers in messages: 12,345 rather than 12345. */
export const count = (n: number): string => n.toLocaleString("en-US");
