/** `npm start`: what there is, and the site, with its database in the folder `data`. */
import { enableCompileCache } from "node:module";

enableCompileCache();
const [{ runProcess }, { registeredPapers }] = await Promise.all([
  import("./process.ts"),
  import("./papers.ts"),
]);

const { cards, isRunnable } = await registeredPapers();
const ready = cards.filter(({ slug }) => isRunnable(slug)).map(({ slug }) => slug);
process.stdout.write(
  `Etude: ${cards.length} papers to read, ${ready.length} of them to verify and use (${ready.join(", ")}).
  npx etude list               all papers
  npx etude verify gbnn        the claims of one, decided on this machine
  npx etude use gbnn --help    its method on your own table

`,
);
await runProcess(["serve", ...process.argv.slice(2)]);
