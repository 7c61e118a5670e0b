/**
 * Stores papers in a folder's store, one by one, and prints the identifier of each that is stored,
 * until it is killed. `insertForever.ts FOLDER FIRST`: identifiers are numbered from FIRST.
 */
import { writeSync } from "node:fs";
import { openStore, upsertPapers, vote } from "../index.ts";
import { findPaper } from "../papers/find.ts";
import { incoming } from "./papers.ts";

const [folder, first] = process.argv.slice(2);
const now = new Date("2024-01-01T00:00:00Z");
const store = await openStore({ folder });
for (let number = Number(first); ; number++) {
  const arxiv = `2401.${String(number).padStart(5, "0")}`;
  await upsertPapers(store, [incoming({ arxiv })], now);
  const paper = await findPaper(store, arxiv, now);
  if (paper === undefined) throw new Error(`${arxiv} is not there`);
  await vote(store, paper.id, "somebody", now);
  // At once: what is still in a buffer when the process is killed was never said.
  writeSync(1, `${arxiv}\n`);
}
