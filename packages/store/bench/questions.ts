import {
  feed,
  findPaper,
  type PaperListing,
  type Store,
  search,
  similarPapers,
} from "../src/index.ts";
import { madeUpPaper, uniform } from "./corpus.ts";
import { common, surnames } from "./words.ts";

/** How often each kind of question is asked, each time another one. */
export const repetitions = 100;

/** Kinds of question: the number-th of each kind, and how many papers it found. */
export function questions(
  store: Store,
  count: number,
  now: Date,
): Readonly<Record<string, (number: number) => Promise<number>>> {
  const random = (number: number) => uniform(1000 + number);
  const pick = <T>(next: () => number, words: readonly T[]) =>
    words[Math.floor(next() * words.length)];
  const searchFor =
    (text: (next: () => number, number: number) => string) => async (number: number) =>
      (await search(store, text(random(number), number), { now })).length;
  const anyPaper = (next: () => number) => madeUpPaper(Math.floor(next() * count));
  const rareIn = (next: () => number) => anyPaper(next).abstract.split(/[ .]/)[3];
  return {
    "one frequent word": searchFor((_, number) => common[number % 40]),
    "one word": searchFor((next) => pick(next, common)),
    "two words": searchFor((next) => `${pick(next, common)} ${pick(next, common)}`),
    "four words": searchFor((next) =>
      Array.from({ length: 4 }, () => pick(next, common)).join(" "),
    ),
    phrase: searchFor((next) => `"${pick(next, common)} ${pick(next, common)}"`),
    "unfinished word": searchFor((next) => pick(next, common).slice(0, 3 + Math.floor(next() * 3))),
    "word and unfinished": searchFor(
      (next) => `${pick(next, common)} ${pick(next, common).slice(0, 3)}`,
    ),
    author: searchFor((next) => pick(next, surnames)),
    title: searchFor((next) => anyPaper(next).title),
    "rare word": searchFor(rareIn),
    "mistyped word": searchFor((next) => mistype(pick(next, long), next)),
    "two mistyped words": searchFor(
      (next) => `${mistype(pick(next, long), next)} ${mistype(pick(next, long), next)}`,
    ),
    nothing: searchFor((_, number) => `qqz${number}xkv wwpj${number}`),
    similar: async (number) => {
      const paper = await findPaper(store, anyPaper(random(number)).arxiv, now);
      return (await similarPapers(store, paper?.id ?? 0, 5, now)).length;
    },
    "feed of all": async (number) => (await listed("all", number + 1)).length,
    "feed of a month": async (number) => (await listed("month", (number % 20) + 1)).length,
  };

  async function listed(period: "all" | "month", page: number): Promise<readonly PaperListing[]> {
    return (await feed(store, { period, page, now })).papers;
  }
}

const long = common.filter((word) => /^[a-z]{7,}$/.test(word));

/** Without one letter, or with two of them changed for each other. */
function mistype(word: string, next: () => number): string {
  const at = 1 + Math.floor(next() * (word.length - 3));
  const [before, a, b, after] = [word.slice(0, at), word[at], word[at + 1], word.slice(at + 2)];
  return next() < 0.5 ? before + b + after : before + b + a + after;
}
