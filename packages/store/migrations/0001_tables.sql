CREATE TABLE "deliveries" (
	"digest" integer NOT NULL,
	"subscriber" integer NOT NULL,
	"status" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"message_id" text,
	"changed" timestamp (3) with time zone NOT NULL,
	"error" text,
	CONSTRAINT "deliveries_digest_subscriber_pk" PRIMARY KEY("digest","subscriber")
);
--> statement-breakpoint
CREATE TABLE "digests" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "digests_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"frequency" text NOT NULL,
	"day" date NOT NULL,
	"built" timestamp (3) with time zone NOT NULL,
	"content" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ingest_state" (
	"source" text PRIMARY KEY NOT NULL,
	"state" json NOT NULL,
	"saved" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "papers" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "papers_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"slug" text,
	"arxiv" text,
	"version" integer NOT NULL,
	"source" text NOT NULL,
	"title" text NOT NULL,
	"authors" text[] NOT NULL,
	"year" integer NOT NULL,
	"venue" text,
	"summary" text,
	"abstract" text,
	"topics" text[] DEFAULT '{}'::text[] NOT NULL,
	"categories" text[] DEFAULT '{}'::text[] NOT NULL,
	"doi" text,
	"code" text,
	"published" timestamp (3) with time zone NOT NULL,
	"updated" timestamp (3) with time zone NOT NULL,
	"first_seen" timestamp (3) with time zone NOT NULL,
	"appeared" timestamp (3) with time zone GENERATED ALWAYS AS (case when first_seen - published > interval '7 days' then published else first_seen end) STORED NOT NULL,
	"votes" integer DEFAULT 0 NOT NULL,
	"voted" boolean GENERATED ALWAYS AS (votes > 0) STORED NOT NULL,
	"upvotes_elsewhere" integer,
	"heading" "tsvector" GENERATED ALWAYS AS (setweight(to_tsvector('english', folded(title)) || to_tsvector('simple', folded(title)), 'A') || setweight(to_tsvector('english', folded_line(authors)) || to_tsvector('simple', folded_line(authors)), 'B')) STORED NOT NULL,
	"document" "tsvector" GENERATED ALWAYS AS (setweight(to_tsvector('english', folded(title)), 'A') || setweight(to_tsvector('english', folded_line(authors)), 'B') || setweight(to_tsvector('english', folded(coalesce(summary, '') || ' ' || coalesce(abstract, ''))), 'C')) STORED NOT NULL,
	CONSTRAINT "papers_slug_unique" UNIQUE("slug"),
	CONSTRAINT "papers_arxiv_unique" UNIQUE("arxiv"),
	CONSTRAINT "papers_named" CHECK ("papers"."slug" is not null or "papers"."arxiv" is not null),
	CONSTRAINT "papers_votes_not_negative" CHECK ("papers"."votes" >= 0)
);
--> statement-breakpoint
CREATE TABLE "reports" (
	"id" text PRIMARY KEY NOT NULL,
	"origin" text NOT NULL,
	"kind" text NOT NULL,
	"paper" text NOT NULL,
	"preset" text,
	"changed" boolean NOT NULL,
	"finished" timestamp (3) with time zone NOT NULL,
	"saved" timestamp (3) with time zone NOT NULL,
	"body" json NOT NULL
);
--> statement-breakpoint
CREATE TABLE "subscribers" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "subscribers_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"email" text NOT NULL,
	"email_key" text NOT NULL,
	"frequency" text NOT NULL,
	"topics" text[] DEFAULT '{}'::text[] NOT NULL,
	"status" text NOT NULL,
	"created" timestamp (3) with time zone NOT NULL,
	"confirmed" timestamp (3) with time zone,
	"secret" "bytea" NOT NULL,
	CONSTRAINT "subscribers_email_key_unique" UNIQUE("email_key")
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tokens_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"hash" "bytea" NOT NULL,
	"label" text NOT NULL,
	"quota" integer NOT NULL,
	"created" timestamp (3) with time zone NOT NULL,
	"expires" timestamp (3) with time zone,
	"used_on" date,
	"used" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "tokens_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "votes" (
	"paper" integer NOT NULL,
	"visitor" text NOT NULL,
	"created" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "votes_paper_visitor_pk" PRIMARY KEY("paper","visitor")
);
--> statement-breakpoint
CREATE TABLE "words" (
	"word" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_digest_digests_id_fk" FOREIGN KEY ("digest") REFERENCES "public"."digests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_subscriber_subscribers_id_fk" FOREIGN KEY ("subscriber") REFERENCES "public"."subscribers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "votes" ADD CONSTRAINT "votes_paper_papers_id_fk" FOREIGN KEY ("paper") REFERENCES "public"."papers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "deliveries_open" ON "deliveries" USING btree ("status","changed") WHERE "deliveries"."status" <> 'sent';--> statement-breakpoint
CREATE INDEX "deliveries_subscriber" ON "deliveries" USING btree ("subscriber");--> statement-breakpoint
CREATE UNIQUE INDEX "digests_once" ON "digests" USING btree ("frequency","day");--> statement-breakpoint
CREATE INDEX "papers_appeared" ON "papers" USING btree ("appeared");--> statement-breakpoint
CREATE INDEX "papers_voted" ON "papers" USING btree ("appeared") WHERE "papers"."voted";--> statement-breakpoint
CREATE INDEX "papers_topics" ON "papers" USING gin ("topics");--> statement-breakpoint
CREATE INDEX "papers_heading" ON "papers" USING gin ("heading") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "papers_document" ON "papers" USING gin ("document") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "reports_native" ON "reports" USING btree ("paper","preset","finished") WHERE "reports"."origin" = 'native' and "reports"."kind" = 'verify' and not "reports"."changed";--> statement-breakpoint
CREATE INDEX "subscribers_due" ON "subscribers" USING btree ("status","frequency");--> statement-breakpoint
CREATE INDEX "words_trigrams" ON "words" USING gin ("word" gin_trgm_ops) WITH (fastupdate=false);