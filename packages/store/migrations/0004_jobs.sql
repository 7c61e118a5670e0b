CREATE TABLE "checkpoints" (
	"job" uuid NOT NULL,
	"name" text NOT NULL,
	"bytes" "bytea" NOT NULL,
	CONSTRAINT "checkpoints_job_name_pk" PRIMARY KEY("job","name")
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"sweep" text NOT NULL,
	"setting" integer NOT NULL,
	"seed" bigint NOT NULL,
	"state" text NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"deaths" integer DEFAULT 0 NOT NULL,
	"error" text,
	"worker" text,
	"message" uuid,
	"done" real DEFAULT 0 NOT NULL,
	"total" real DEFAULT 1 NOT NULL,
	"label" text,
	"begun" timestamp (3) with time zone,
	"changed" timestamp (3) with time zone NOT NULL,
	"outcome" "bytea"
);
--> statement-breakpoint
CREATE TABLE "sweeps" (
	"id" text PRIMARY KEY NOT NULL,
	"paper" text NOT NULL,
	"preset" text NOT NULL,
	"settings" json NOT NULL,
	"seeds" json NOT NULL,
	"priority" integer NOT NULL,
	"minutes" integer NOT NULL,
	"megabytes" integer NOT NULL,
	"token" integer,
	"created" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "checkpoints" ADD CONSTRAINT "checkpoints_job_jobs_id_fk" FOREIGN KEY ("job") REFERENCES "public"."jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "jobs" ADD CONSTRAINT "jobs_sweep_sweeps_id_fk" FOREIGN KEY ("sweep") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sweeps" ADD CONSTRAINT "sweeps_token_tokens_id_fk" FOREIGN KEY ("token") REFERENCES "public"."tokens"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_once" ON "jobs" USING btree ("sweep","setting","seed");--> statement-breakpoint
CREATE INDEX "jobs_open" ON "jobs" USING btree ("state") WHERE "jobs"."state" in ('waiting', 'running');