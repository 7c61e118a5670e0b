import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
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
    /** On the site of the daily list, when last read. */
    upvotesElsewhere: integer("upvotes_elsewhere"),
    /** The authors on one line, without accents, for comparison by trigrams. */
    authorLine: text("author_line").notNull().generatedAlwaysAs(sql`folded_line(authors)`),
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
    check("papers_votes_not_negative", sql`${table.votes} >= 0`),
    index("papers_appeared").on(table.appeared),
    index("papers_topics").using("gin", table.topics),
    index("papers_heading").using("gin", table.heading),
    index("papers_document").using("gin", table.document),
    index("papers_title_trigrams").using("gin", sql`folded(title) gin_trgm_ops`),
    index("papers_author_trigrams").using("gin", sql`author_line gin_trgm_ops`),
  ],
);

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
