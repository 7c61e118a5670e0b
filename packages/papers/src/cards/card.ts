import type { Topic } from "./topics.ts";

/**
 * What a person needs to know of a paper before reading, verifying or using it. All texts are our
 * own; a figure stands in them only where the paper, its abstract or its code was seen to give it.
 */
export interface PaperCard {
  /** The paper's name in commands, addresses and folders. */
  readonly slug: string;
  /** The title under which the paper became known; a venue or a later version may have changed it. */
  readonly title: string;
  /** First name first, in the order of the paper. */
  readonly authors: readonly string[];
  /** Of the publication at `venue`. */
  readonly year: number;
  /** Conference, journal or publisher; "arXiv" where the paper was only posted there. */
  readonly venue: string;
  /** The arXiv identifier without version, as in "2107.07075". */
  readonly arxiv?: string;
  readonly doi?: string;
  /** The authors' own repository; never somebody else's re-implementation. */
  readonly code?: string;
  /** Two sentences: what the method does; what it is good for. */
  readonly summary: string;
  /** One sentence: what the paper says, whether or not it holds here. */
  readonly claim: string;
  readonly topics: readonly Topic[];
  /** One sentence: what `etude use` takes and gives. */
  readonly uses: string;
  /** One sentence: what `etude verify` runs at quick scale: data, baselines, seeds. */
  readonly verifies: string;
}
