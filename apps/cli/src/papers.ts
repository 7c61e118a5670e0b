/** The papers of this installation. */
import { fileURLToPath } from "node:url";
import type { PaperSource } from "./session.ts";

/** The package's source; the command runs from the repository, where it lies beside this one. */
export const papersFolder = fileURLToPath(
  new URL("../../../packages/papers/src/", import.meta.url),
);

/** Those with a card; which of them can be run is said by the registry. */
export async function registeredPapers(): Promise<PaperSource> {
  const [{ cards, similar, topics }, { isRunnable, loadPaper }] = await Promise.all([
    import("@etude/papers/cards"),
    import("@etude/papers/registry"),
  ]);
  return {
    cards,
    topics,
    similar,
    isRunnable,
    load: loadPaper,
    shared: true,
    folder: (slug) => `${papersFolder}${slug}`,
  };
}
