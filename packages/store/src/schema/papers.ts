import { sql } from "drizzle-orm";
import { boolean, check, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { moment, tsvector } from "./columns.ts";

/** Where the texts of a paper come from; "card" is written by hand and wins over the others. */
export const paperSources = ["card", "arxiv", "daily", "submitted"] as const;

const noTexts = sql`'{}'::text[]`;

export const papers = pgTable(
  "papers",
  {
    id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
    /** The name in commands and addresses; only papers with a card have one. */
    slug: text("slug").unique(),
    /** The identifier on arXiv, without version. */
    arxiv: text("arxiv").unique(),
    /** Of the paper on arXiv; 0 while only its card is known. */
    version: integer("version").notNull(),
    source: text("source", { enum: paperSources }).notNull(),
    title: text("title").notNull(),
    authors: text("authors").array().notNull(),
    /** Of the publication at `venue`, or of the first version. */
    year: integer("year").notNull(),
    venue: text("venue"),
    /** Two sentences of our own; only papers with a card have them. */
    summary: text("summary"),
    abstract: text("abstract"),
    topics: text("topics").array().notNull().default(noTexts),
    /** Of arXiv, the primary one first. */
    categories: text("categories").array().notNull().default(noTexts),
    doi: text("doi"),
    /** Address of a repository. */
    code: text("code"),
    published: moment("published").notNull(),
    updated: moment("updated").notNull(),
    /** When this store first heard of the paper. */
    firstSeen: moment("first_seen").notNull(),
    /**
     * When the paper came up, which is what ages it and what periods go by: when it was first seen,
     * because a weekend's papers are announced on Monday; but its publication where that is more
     * than a week earlier, so that reading an archive does not make old papers new.
     */
    appeared: moment("appeared")
      .notNull()
      .generatedAlwaysAs(
        sql`case when first_seen - published > interval '7 days' then published else first_seen end`,
      ),
    /** How many rows of `votes` the paper has. */
    votes: integer("votes").notNull().default(0),
    /** Indexed in place of `votes`, so that most votes leave the indexes alone. */
    voted: boolean("voted").notNull().generatedAlwaysAs(sql`votes > 0`),
    /** On the site of the daily list, when last read. */
    upvotesElsewhere: integer("upvotes_elsewhere"),
    /** Words of title (weight A) and authors (B), also as they are written, for prefixes. */
    heading: tsvector("heading")
      .notNull()
      .generatedAlwaysAs(
        sql`setweight(to_tsvector('english', folded(title)) || to_tsvector('simple', folded(title)), 'A') || setweight(to_tsvector('english', folded_line(authors)) || to_tsvector('simple', folded_line(authors)), 'B')`,
      ),
    /** Words of title (A), authors (B), and summary and abstract (C). */
    document: tsvector("document")
      .notNull()
      .generatedAlwaysAs(
        sql`setweight(to_tsvector('english', folded(title)), 'A') || setweight(to_tsvector('english', folded_line(authors)), 'B') || setweight(to_tsvector('english', folded(coalesce(summary, '') || ' ' || coalesce(abstract, ''))), 'C')`,
      ),
  },
  (table) => [
    check("papers_named", sql`${table.slug} is not null or ${table.arxiv} is not null`),
    check("papers_votes_not_negative", sql`${table.votes} >= 0`),
    index("papers_appeared").on(table.appeared),
    index("papers_voted").on(table.appeared).where(sql`${table.voted}`),
    index("papers_topics").using("gin", table.topics),
    // A list of pending entries would make each search wait for what the last vacuum left.
    index("papers_heading").using("gin", table.heading).with({ fastupdate: false }),
    index("papers_document").using("gin", table.document).with({ fastupdate: false }),
  ],
);

/**
 * Every word of titles and authors' names, as written: what a mistyped word may have been. A trigger
 * fills it. Titles themselves are not indexed by trigrams: at 100,000 papers a search in them takes
 * five to twenty times as long as one in this list, and finds whole titles instead of the word.
 */
export const words = pgTable("words", { word: text("word").primaryKey() }, (table) => [
  index("words_trigrams").using("gin", sql`${table.word} gin_trgm_ops`).with({ fastupdate: false }),
]);

/** Who voted for what: the primary key is what makes a vote count once. */
export const votes = pgTable(
  "votes",
  {
    paper: integer("paper")
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    /** An unguessable name that a visitor's browser keeps; nothing about a person. */
    visitor: text("visitor").notNull(),
    created: moment("created").notNull(),
  },
  (table) => [primaryKey({ columns: [table.paper, table.visitor] })],
);
