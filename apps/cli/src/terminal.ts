/** Where the command writes and what it knows of the screen; tests give their own. */
import { styleText } from "node:util";

export interface Terminal {
  /** Writes to the standard output, results only; a line end is added. */
  out(text: string): void;
  /** Writes to the standard error, everything else; a line end is added. */
  err(text: string): void;
  /** The stream behind `err`, for what redraws itself. */
  readonly errorStream: NodeJS.WritableStream;
  /** Whether a person looks at the standard error, so that a line may be drawn over. */
  readonly live: boolean;
  /** Characters a line of the output. */
  readonly columns: number;
  /** The same for lists, whose lines stay whole where they go to another program. */
  readonly listColumns: number;
  readonly color: { readonly out: boolean; readonly err: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
}

const widthWithoutScreen = 100;
const unlimited = 10_000;

/** The terminal of this process. Writing goes on in silence after the reader has left (`| head`). */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  // Some terminals say 0 until they are drawn.
  const columns = Math.max(40, stdout.columns || Number(env.COLUMNS) || widthWithoutScreen);
  return {
    out: quietAfterClose(stdout),
    err: quietAfterClose(stderr),
    errorStream: stderr,
    live: stderr.isTTY === true && env.TERM !== "dumb",
    columns,
    listColumns: stdout.isTTY ? columns : unlimited,
    color: { out: colors(stdout, env), err: colors(stderr, env) },
    environment: env,
    folder: process.cwd(),
  };
}

function quietAfterClose(stream: NodeJS.WriteStream): (text: string) => void {
  let closed = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    closed = true;
  });
  return (text) => {
    if (!closed) stream.write(`${text}\n`);
  };
}

/** https://no-color.org and https://force-color.org: either is on when it is set to anything. */
function colors(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0";
  return stream.isTTY === true && env.TERM !== "dumb";
}

type Format = Parameters<typeof styleText>[0];
export type Paint = (format: Format, text: string) => string;

/** Colours, or nothing where there are none. */
export const painter =
  (color: boolean): Paint =>
  (format, text) =>
    color ? styleText(format, text, { validateStream: false }) : text;
