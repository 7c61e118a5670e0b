/** What a paper can be told and takes, made once a process. */
import { dataSet } from "@etude/data";
import { nodeSource } from "@etude/data/files";
import { loadPaper } from "@etude/papers";
import { describePaper, type PaperDescription } from "#lib/worker/describe.ts";

const source = nodeSource({ offline: true });

/** Data sets of which this machine lacks a file. */
async function missingSets(names: readonly string[]): Promise<Set<string>> {
  const missing = new Set<string>();
  for (const name of names)
    for (const file of dataSet(name).files)
      if ((await source.place(file)) === "missing") missing.add(name);
  return missing;
}

async function describe(slug: string): Promise<PaperDescription> {
  const paper = await loadPaper(slug);
  const { experiment } = paper;
  const names = Object.values(experiment.presets).flatMap(({ options }) =>
    experiment.data(options),
  );
  const missing = await missingSets([...new Set(names)]);
  return describePaper(paper, (name) => missing.has(name));
}

const known = new Map<string, Promise<PaperDescription>>();

export function described(slug: string): Promise<PaperDescription> {
  const description = known.get(slug) ?? describe(slug);
  known.set(slug, description);
  return description;
}
