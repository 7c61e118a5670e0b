/** `etude data`: what data there is, what is here, and bringing the rest. */
import { UsageError } from "@etude/papers/errors";
import { inWords } from "../checkFlags.ts";
import { command, type Given } from "../command.ts";
import { type ExitStatus, exit } from "../exit.ts";
import { listing } from "../listing.ts";
import { showProgress } from "../progress.ts";
import { entry, heading, type Page } from "../prose.ts";
import type { Session } from "../session.ts";
import { painter } from "../terminal.ts";

const actions = ["list", "info", "fetch", "path"] as const;

const flags = {
  json: { type: "switch", describe: "As JSON" },
  quiet: { type: "switch", describe: "No progress" },
} as const;

type DataGiven = Given<typeof flags>;

export default command({
  name: "data",
  describe: "Show the data sets of the catalogue, and fetch them",
  words: [
    { name: "action", describe: "list (by itself), info, fetch or path", completes: actions },
    { name: "name", describe: "of a data set; for list: words to look for", many: true },
  ],
  flags,
  examples: [
    ["data", "all sets: where they are, how large"],
    ["data list images", "sets with a word in their name, title or kind"],
    ["data info vehicle", "columns, classes, source and licence"],
    ["data fetch mnist", "brings it into the cache"],
    ["data path", "the folder where fetched files are kept"],
  ],
  notes:
    "ETUDE_CACHE chooses the folder for fetched files, ETUDE_DATA_MIRROR names a folder or URL to take them from, and ETUDE_OFFLINE=1 forbids the network.",
  async run(given, session) {
    const [action = "list", ...names] = given.words;
    switch (action) {
      case "list":
        return list(names, given, session);
      case "info":
        return info(needed(names, action), given, session);
      case "fetch":
        return fetch(needed(names, action), given, session);
      case "path": {
        const { cacheFolder } = await import("@etude/data/files");
        session.terminal.out(cacheFolder());
        return exit.done;
      }
      default:
        throw new UsageError(`etude data ${action}: expected ${inWords(actions)}`);
    }
  },
});

function needed(names: readonly string[], action: string): readonly string[] {
  if (names.length > 0) return names;
  throw new UsageError(
    `the name of a data set is missing: etude data ${action} <name>; \`etude data\` shows all`,
  );
}

/** Where a set is, in words. */
const places: Readonly<Record<string, string>> = {
  shipped: "here",
  package: "here",
  cached: "cached",
  mirror: "mirror",
  fetch: "to fetch",
  missing: "not here",
};

async function list(
  words: readonly string[],
  { flags }: DataGiven,
  { terminal }: Session,
): Promise<ExitStatus> {
  const { available, dataSets, showBytes } = await import("@etude/data");
  const sets = dataSets().filter(({ id, title, kind, task }) => {
    const text = `${id} ${title} ${kind} ${task}`.toLowerCase();
    return words.every((word) => text.includes(word.toLowerCase()));
  });
  const states = await Promise.all(sets.map(({ id }) => available(id)));
  if (flags.json) {
    const records = sets.map((set, i) => ({ ...set, available: states[i] }));
    terminal.out(JSON.stringify(records, null, 2));
    return exit.done;
  }
  if (sets.length === 0) {
    terminal.err("no data set fits; `etude data` shows all of them");
    return exit.done;
  }
  const rows = sets.map(({ id, kind, rows, files, title }, i) => [
    id,
    kind,
    String(rows),
    showBytes(files.reduce((sum, { bytes }) => sum + bytes, 0)),
    places[states[i].place],
    title,
  ]);
  terminal.out(listing(["name", "kind", "rows", "size", "where", "title"], rows, terminal));
  return exit.done;
}

async function info(
  names: readonly string[],
  { flags }: DataGiven,
  { terminal }: Session,
): Promise<ExitStatus> {
  const { available, dataSet, showBytes } = await import("@etude/data");
  const sets = names.map(dataSet);
  const states = await Promise.all(names.map((id) => available(id)));
  if (flags.json) {
    const records = sets.map((set, i) => ({ ...set, available: states[i] }));
    terminal.out(JSON.stringify(records, null, 2));
    return exit.done;
  }
  const page: Page = { columns: terminal.columns, paint: painter(terminal.color.out) };
  for (const [i, set] of sets.entries()) {
    if (i > 0) terminal.out("");
    const { place, advice } = states[i];
    const { rows, features, shape, target, classes, counts, missing, files } = set;
    const size = showBytes(files.reduce((sum, { bytes }) => sum + bytes, 0));
    const facts: readonly (readonly [string, string | undefined])[] = [
      ["what", `${set.kind}, ${set.task}`],
      ["rows", String(rows)],
      ["features", features === undefined ? undefined : String(features)],
      ["shape", shape?.join(" x ")],
      ["target", target],
      [
        "classes",
        classes?.map((name, c) => `${name}${counts ? ` (${counts[c]})` : ""}`).join(", "),
      ],
      ["missing", missing === undefined || missing === 0 ? undefined : `${missing} values`],
      ["where", `${places[place]} (${size})`],
      ["to get it", advice],
      ["source", set.citation],
      ["obtained", set.obtained],
      ["licence", set.licence],
      ["home", set.home],
    ];
    terminal.out(heading(`${set.id}: ${set.title}`, page));
    for (const [name, text] of facts) if (text) terminal.out(entry(name, text, page));
  }
  return exit.done;
}

async function fetch(
  names: readonly string[],
  { flags }: DataGiven,
  session: Session,
): Promise<ExitStatus> {
  const { terminal } = session;
  const { fetchNotice, fetchSets, toFetch } = await import("../dataAccess.ts");
  const absent = await toFetch([...new Set(names)]);
  const here = names.filter((name) => !absent.some(({ id }) => id === name));
  if (here.length > 0) terminal.err(`here already: ${here.join(", ")}`);
  if (absent.length === 0) return exit.done;
  terminal.err(fetchNotice(absent));
  const progress = await showProgress(
    terminal,
    flags.quiet ? "none" : terminal.live ? "bar" : "lines",
  );
  const release = session.onSecondInterrupt(() => progress.stop());
  try {
    await fetchSets(absent, progress.show, session.signal);
  } finally {
    progress.stop();
    release();
  }
  terminal.out(`fetched: ${absent.map(({ id }) => id).join(", ")}`);
  return exit.done;
}
