/** What a command is given besides its flags. */
import type { Paper } from "@etude/papers";
import type { PaperCard, Topic } from "@etude/papers/cards";
import type { Terminal } from "./terminal.ts";

/** Where papers are found. */
export interface PaperSource {
  readonly cards: readonly PaperCard[];
  readonly topics: Readonly<Record<Topic, string>>;
  similar(slug: string, count: number): readonly PaperCard[];
  isRunnable(slug: string): boolean;
  load(slug: string): Promise<Paper>;
  /** Whether another process of Etude finds them as well. */
  readonly shared: boolean;
  /** The folder with a paper's source. */
  folder(slug: string): string;
}

export interface Session {
  readonly terminal: Terminal;
  /** Loaded when asked for. */
  papers(): Promise<PaperSource>;
  /** Aborted when the person wants the command to stop. */
  readonly signal: AbortSignal;
  /** Called at once when the person does not want to wait for that; gives the way to take it back. */
  onSecondInterrupt(act: () => void): () => void;
}
