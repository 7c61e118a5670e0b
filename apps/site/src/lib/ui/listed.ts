/** A paper as lists show it: what the store says, and what only the site knows. */
import type { PaperListing } from "@etude/store";

export interface ListedPaper extends PaperListing {
  /** Whether it can be verified and used here. */
  readonly runnable: boolean;
  /** Whether this visitor has voted for it. */
  readonly voted: boolean;
}
