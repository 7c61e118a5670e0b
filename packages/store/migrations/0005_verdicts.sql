CREATE TABLE "verdicts" (
	"report" text NOT NULL,
	"claim" text NOT NULL,
	"verdict" text NOT NULL,
	"mean" double precision,
	CONSTRAINT "verdicts_report_claim_pk" PRIMARY KEY("report","claim")
);
--> statement-breakpoint
ALTER TABLE "reports" ADD COLUMN "token" integer;--> statement-breakpoint
ALTER TABLE "verdicts" ADD CONSTRAINT "verdicts_report_reports_id_fk" FOREIGN KEY ("report") REFERENCES "public"."reports"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_token_tokens_id_fk" FOREIGN KEY ("token") REFERENCES "public"."tokens"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "reports_paper" ON "reports" USING btree ("paper","origin");