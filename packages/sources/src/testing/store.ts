import type { Stored } from "../ingest.ts";
import type { IngestState, StateStore } from "../ingestState.ts";
import type { IncomingPaper } from "../paper.ts";

/** A store in memory, which keeps papers and states by the rules of the real one. */
export interface MemoryStore {
  readonly papers: Map<string, IncomingPaper>;
  /** States as saved: text, so that what cannot be written down shows. */
  readonly saved: Map<string, string>;
  readonly state: StateStore;
  sink(papers: IncomingPaper[]): Promise<Stored>;
}

export function memoryStore(): MemoryStore {
  const papers = new Map<string, IncomingPaper>();
  const saved = new Map<string, string>();
  return {
    papers,
    saved,
    state: {
      async load(source) {
        const text = saved.get(source);
        return text === undefined ? undefined : JSON.parse(text);
      },
      async save(source: string, state: IngestState) {
        saved.set(source, JSON.stringify(state));
      },
    },
    async sink(incoming) {
      const stored = { inserted: 0, updated: 0, unchanged: 0 };
      for (const paper of incoming) {
        const known = papers.get(paper.arxiv);
        const isSame = JSON.stringify(known) === JSON.stringify(paper);
        if (known === undefined) stored.inserted += 1;
        else if (isSame || known.version > paper.version) stored.unchanged += 1;
        else stored.updated += 1;
        if (known === undefined || paper.version >= known.version) papers.set(paper.arxiv, paper);
      }
      return stored;
    },
  };
}
