/**
 * `npm start`: what there is, and the first paper verified on the tables that come with Etude, so
 * that nothing has to be fetched.
 */
import { enableCompileCache } from "node:module";

enableCompileCache();
const [{ runProcess }, { registeredPapers }, { shippedTables }] = await Promise.all([
  import("./process.ts"),
  import("./papers.ts"),
  import("@etude/papers/gbnn"),
]);

const { cards, isRunnable } = await registeredPapers();
const ready = cards.filter(({ slug }) => isRunnable(slug)).map(({ slug }) => slug);
process.stdout.write(
  `Etude: ${cards.length} papers to read, ${ready.length} of them to verify and use (${ready.join(", ")}).
  npx etude list               all papers
  npx etude read gbnn          what a paper is, claims and takes
  npx etude use gbnn --help    the method on your own table

Now: etude verify gbnn, on the tables that come with Etude.

`,
);
const given = process.argv.slice(2);
await runProcess([
  ...["verify", "gbnn", "--preset", "quick", "--set", `tables=${shippedTables.join(",")}`],
  ...["--out", "out/start", ...(given.includes("--resume") ? [] : ["--fresh"])],
  ...given,
]);
