/** The card of a paper that has none, from what a person gives. */
import { nearNames } from "@etude/data/names";
import type { PaperCard, Topic } from "@etude/papers/cards";
import { UsageError } from "@etude/papers/errors";

export interface CardFields {
  readonly title?: string;
  readonly authors?: string;
  readonly year?: number;
  readonly venue?: string;
  readonly topics?: string;
  readonly arxiv?: string;
  readonly doi?: string;
  readonly code?: string;
}

/**
 * A card with the facts as given and sentences that say what belongs in their place.
 *
 * @param known the topics there are
 * @throws UsageError for a fact that is missing or has not its form
 */
export function newCard(slug: string, fields: CardFields, known: readonly string[]): PaperCard {
  const { arxiv, doi, code } = fields;
  const title = given("title", fields.title);
  const authors = listOf("authors", fields.authors, ";");
  const topics = listOf("topics", fields.topics, ",").map((topic) => topicOf(topic, known));
  const year = fields.year ?? missing("year");
  if (!Number.isInteger(year) || year < 2000 || year > 2100) {
    throw new UsageError(`--year ${year}: expected a year such as 2024`);
  }
  if (topics.length < 2) throw new UsageError("--topics: give two or more, with commas between");
  expectForm("arxiv", arxiv, /^\d{4}\.\d{5}$/, "2107.07075");
  expectForm("doi", doi, /^10\.\d{4,}\/\S+$/, "10.1109/ACCESS.2023.3271515");
  expectForm("code", code, /^https:\/\/github\.com\/[\w.-]+\/[\w.-]+$/, "https://github.com/a/b");
  return {
    slug,
    title,
    authors,
    year,
    venue: fields.venue ?? "arXiv",
    ...(arxiv === undefined ? {} : { arxiv }),
    ...(doi === undefined ? {} : { doi }),
    ...(code === undefined ? {} : { code }),
    summary:
      "Say here in a sentence of your own what the method does, so that somebody from another field understands it. Say in a second sentence what it is good for, and for whom.",
    claim: "Say here in one sentence what the paper says, whether or not it holds here.",
    topics,
    uses: "Takes what a user has, and gives what a user wants.",
    verifies: "Say here in one sentence what the quick preset runs: data, baselines, seeds.",
  };
}

const missing = (name: string): never => {
  throw new UsageError(
    `a new card needs --title, --authors, --year and --topics; --${name} is missing`,
  );
};

const given = (name: string, value: string | undefined): string => value ?? missing(name);

function listOf(name: string, value: string | undefined, separator: string): string[] {
  return given(name, value)
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function topicOf(topic: string, known: readonly string[]): Topic {
  if (known.includes(topic)) return topic as Topic;
  const near = nearNames(topic, known);
  const hint =
    near.length > 0 ? `did you mean ${near.join(" or ")}?` : `there are ${known.join(", ")}`;
  throw new UsageError(`--topics: there is no topic "${topic}"; ${hint}`);
}

function expectForm(name: string, value: string | undefined, form: RegExp, example: string): void {
  if (value !== undefined && !form.test(value)) {
    throw new UsageError(`--${name} ${value}: expected a form such as ${example}`);
  }
}
