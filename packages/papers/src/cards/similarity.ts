import type { PaperCard } from "./card.ts";

/** How often each term of a text occurs, weighted by how rare the term is. */
type TermVector = ReadonlyMap<string, number>;

/** A topic was chosen by hand and stands for several words of prose. */
const topicWeight = 3;

/**
 * All other cards that share a term with `card`, most similar first, with the cosine of their
 * tf-idf vectors in (0, 1]; ties in the order of the slugs.
 *
 * The terms of a card are its topics and the words of its title and summary. A term that occurs c
 * times in a card and in n of the N cards weighs c ln(N / n), so words that all cards share, such
 * as "for", weigh nothing and no list of stop words is needed.
 *
 * Reference: Salton and Buckley, "Term-weighting approaches in automatic text retrieval", 1988.
 */
export function similarCards(
  card: PaperCard,
  cards: readonly PaperCard[],
): readonly { readonly card: PaperCard; readonly cosine: number }[] {
  const others = cards.filter((other) => other.slug !== card.slug);
  const own = termCounts(card);
  const counts = others.map(termCounts);
  const total = others.length + 1;
  const holders = new Map<string, number>();
  for (const terms of [own, ...counts]) {
    for (const term of terms.keys()) holders.set(term, (holders.get(term) ?? 0) + 1);
  }
  const weigh = (terms: TermVector): TermVector =>
    new Map(
      [...terms].map(([term, count]) => [
        term,
        count * Math.log(total / (holders.get(term) ?? total)),
      ]),
    );
  const weighed = weigh(own);
  return others
    .map((other, index) => ({ card: other, cosine: cosine(weighed, weigh(counts[index])) }))
    .filter((other) => other.cosine > 0)
    .sort((a, b) => b.cosine - a.cosine || (a.card.slug < b.card.slug ? -1 : 1));
}

function termCounts(card: PaperCard): TermVector {
  const counts = new Map<string, number>();
  const add = (term: string, count: number) => counts.set(term, (counts.get(term) ?? 0) + count);
  for (const word of words(`${card.title} ${card.summary}`)) add(word, 1);
  // The colon keeps a topic apart from the same word in prose.
  for (const topic of card.topics) add(`topic:${topic}`, topicWeight);
  return counts;
}

/** Words of two letters or more in one form: lower case, British -is-, singular. */
function words(text: string): readonly string[] {
  return (text.toLowerCase().match(/\p{L}{2,}/gu) ?? []).map((word) =>
    word.replace(/iz(e|ing|ation)/, "is$1").replace(/(?<=..[^su])s$/, ""),
  );
}

function cosine(a: TermVector, b: TermVector): number {
  let product = 0;
  for (const [term, weight] of a) product += weight * (b.get(term) ?? 0);
  return product === 0 ? 0 : product / (norm(a) * norm(b));
}

function norm(vector: TermVector): number {
  let squares = 0;
  for (const weight of vector.values()) squares += weight * weight;
  return Math.sqrt(squares);
}
