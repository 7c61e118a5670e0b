ALTER TABLE "subscribers" ADD COLUMN "requests" timestamp (3) with time zone[] DEFAULT '{}'::timestamptz[] NOT NULL;--> statement-breakpoint
CREATE INDEX "deliveries_changed" ON "deliveries" USING btree ("changed");--> statement-breakpoint
-- Where requests were kept before.
DELETE FROM "ingest_state" WHERE "source" = 'mail requests';
