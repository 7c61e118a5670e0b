/** `etude ingest`: papers from arXiv and from the daily list, into the store. */
import { UsageError } from "@etude/papers/errors";
import { command } from "../command.ts";
import { exit } from "../exit.ts";
import { storeFlags, withStore } from "../store.ts";

export default command({
  name: "ingest",
  describe: "Read new papers from arXiv and from the daily list into the store",
  words: [
    { name: "source", describe: "daily or arxiv; both without it", completes: ["daily", "arxiv"] },
  ],
  flags: {
    ...storeFlags,
    categories: { type: "text", describe: "Of arXiv", otherwise: "cs.LG,stat.ML" },
    since: { type: "text", describe: "First day, such as 2026-11-01", otherwise: "two weeks ago" },
    json: { type: "switch", describe: "One line of JSON a page" },
  },
  examples: [
    ["ingest", "what is new since the last time"],
    ["ingest arxiv --categories cs.LG,cs.CV --since 2026-11-01", "more of arXiv"],
  ],
  notes:
    "Stops anywhere without loss: the next call goes on. The site does this by itself once an hour with --ingest, so stop it first where both would use the embedded database; with DATABASE_URL they may run together. ETUDE_ARXIV_URL and ETUDE_DAILY_URL name mirrors.",
  async run({ words: [given], flags }, { terminal }) {
    const { ingestPapers, sourceNames, usualSince } = await import("@etude/site/ingest");
    const source = sourceNames.find((name) => name === given);
    if (given !== undefined && source === undefined)
      throw new UsageError(`${given}: expected daily or arxiv`);
    const categories = flags.categories?.split(",").map((each) => each.trim());
    if (categories?.some((each) => !/^[a-z-]+(\.[A-Za-z-]+)?$/.test(each)))
      throw new UsageError(
        `--categories ${flags.categories}: expected names such as cs.LG,stat.ML`,
      );
    return withStore(flags, terminal.folder, async (store) => {
      let skipped = 0;
      const request = {
        sources: source === undefined ? sourceNames : [source],
        since: flags.since === undefined ? usualSince(new Date()) : dayOf(flags.since),
        ...(categories && { categories }),
      };
      for await (const event of ingestPapers(store, request)) {
        skipped += event.skipped.length;
        if (flags.json) terminal.out(JSON.stringify(event));
        else if (!event.notModified)
          terminal.out(
            `${event.source}, page ${event.page}: ${event.papers} papers, ${event.inserted} new, ${event.updated} changed`,
          );
        for (const { id, problem } of event.skipped)
          terminal.err(`${event.source}: ${id} was left out: ${problem}`);
      }
      if (skipped > 0) terminal.err(`${skipped} entries were left out`);
      return exit.done;
    });
  },
});

function dayOf(text: string): Date {
  const day = new Date(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(day.getTime()))
    throw new UsageError(`--since ${text}: expected a day such as 2026-11-01`);
  return day;
}
