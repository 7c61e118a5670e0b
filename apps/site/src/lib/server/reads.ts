/** What pages read from the store, kept for a few seconds. What differs by visitor is not in here. */
import { type FeedQuery, feed, findPaper, type Store, search, similarPapers } from "@etude/store";
import { remembered } from "./remembered.ts";

const seconds = 5;

interface Asked<Q> {
  readonly store: Store;
  readonly question: Q;
}

const kept = <Q, T>(read: (store: Store, question: Q) => Promise<T>) => {
  const ask = remembered(
    seconds,
    ({ question }: Asked<Q>) => JSON.stringify(question),
    ({ store, question }) => read(store, question),
  );
  return (store: Store, question: Q): Promise<T> => ask({ store, question });
};

export const feedNow = kept((store, query: Omit<FeedQuery, "now">) =>
  feed(store, { ...query, now: new Date() }),
);
export const paperNow = kept((store, key: string) => findPaper(store, key));
export const similarNow = kept((store, { id, limit }: { id: number; limit: number }) =>
  similarPapers(store, id, limit),
);
export const searchNow = kept((store, { words, limit }: { words: string; limit: number }) =>
  search(store, words, { limit, now: new Date() }),
);
