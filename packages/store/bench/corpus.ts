/** Papers that are made up, always the same ones, with words as unevenly frequent as in real ones. */
import type { IncomingPaper } from "../src/index.ts";
import { common, firstNames, glue, rareWord, rareWords, surnames } from "./words.ts";

/** Numbers in [0, 1) from a seed (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const aDay = 86_400_000;
const first = Date.UTC(2015, 0, 1);

/** The paper of a number; the higher, the younger: about 25 a day from 2015 on. */
export function madeUpPaper(number: number): IncomingPaper {
  const next = uniform(number + 1);
  const pick = (words: readonly string[]) => words[Math.floor(next() * words.length)];
  // Zipf's law: the word of rank r comes up about 1 / r times as often as the first.
  const zipf = (size: number) => Math.floor((size + 1) ** next()) - 1;
  const word = () => {
    const rank = zipf(common.length + rareWords);
    return common[rank] ?? rareWord(rank - common.length);
  };
  const content = (count: number) => Array.from({ length: count }, word);
  const name = rareWord(Math.floor(next() * rareWords));
  const title = `${next() < 0.4 ? `${capital(name)}: ` : ""}${content(5 + Math.floor(next() * 7))
    .map(capital)
    .join(" ")}`;
  const sentence = () =>
    `${capital(
      content(12 + Math.floor(next() * 8))
        .map((each) => (next() < 0.45 ? `${each} ${pick(glue)}` : each))
        .join(" "),
    )}.`;
  const abstract = [
    `We call it ${name}.`,
    ...Array.from({ length: 6 + Math.floor(next() * 5) }, sentence),
  ].join(" ");
  const published = new Date(first + (number / 25) * aDay);
  const month = published.toISOString().slice(2, 7).replace("-", "");
  return {
    arxiv: `${month}.${String(number % 100_000).padStart(5, "0")}`,
    version: 1,
    title,
    authors: Array.from({ length: 1 + zipf(12) }, () => `${pick(firstNames)} ${pick(surnames)}`),
    abstract,
    categories: ["cs.LG"],
    published,
    updated: published,
    source: "arxiv",
  };
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
