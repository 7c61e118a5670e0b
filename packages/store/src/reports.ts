import { randomBytes } from "node:crypto";
import {
  type Report,
  reportSchema,
  type VerifyReport,
  verifyReportSchema,
} from "@etude/papers/report/schema";
import { and, desc, eq } from "drizzle-orm";
import { type Store, StoreError } from "./database.ts";
import { type reportOrigins, reports } from "./schema/index.ts";

export type ReportOrigin = (typeof reportOrigins)[number];

/** A report as it was saved, and what is known about it. */
export interface StoredReport<R extends Report = Report> {
  readonly id: string;
  readonly origin: ReportOrigin;
  readonly saved: Date;
  readonly report: R;
}

const idForm = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Save a report that `reportSchema` has accepted. Numbers that JSON lacks are kept as null, which the
 * schema reads as NaN.
 *
 * @param meta who ran it; and an identifier, if the report must have a certain one: a report that has
 *   it is replaced, so a report of ours can be renewed
 * @returns the identifier: 128 random bits, unless one was given
 * @throws StoreError for an identifier that is not of letters, digits, "_" and "-"
 */
export async function saveReport(
  { db }: Store,
  report: Report,
  { origin, id = randomBytes(16).toString("base64url") }: { origin: ReportOrigin; id?: string },
  now: Date,
): Promise<string> {
  if (!idForm.test(id)) throw new StoreError(`${JSON.stringify(id)} cannot identify a report`);
  const isVerify = report.kind === "verify";
  const row = {
    origin,
    kind: report.kind,
    paper: report.paper,
    preset: isVerify ? report.preset : null,
    changed: isVerify && report.changed,
    finished: new Date(report.finished),
    saved: now,
    body: report,
  };
  await db
    .insert(reports)
    .values({ id, ...row })
    .onConflictDoUpdate({ target: reports.id, set: row });
  return id;
}

/** The report of an identifier. */
export async function findReport({ db }: Store, id: string): Promise<StoredReport | undefined> {
  if (!idForm.test(id)) return undefined;
  const [found] = await db.select(columns).from(reports).where(eq(reports.id, id));
  return found && { ...found, report: reportSchema.parse(found.report) };
}

/** The report that we finished last of a paper's claims, with the options of a preset unchanged. */
export async function latestNativeReport(
  { db }: Store,
  slug: string,
  preset: VerifyReport["preset"],
): Promise<StoredReport<VerifyReport> | undefined> {
  const [found] = await db
    .select(columns)
    .from(reports)
    .where(
      and(
        eq(reports.origin, "native"),
        eq(reports.kind, "verify"),
        eq(reports.changed, false),
        eq(reports.paper, slug),
        eq(reports.preset, preset),
      ),
    )
    .orderBy(desc(reports.finished), desc(reports.id))
    .limit(1);
  return found && { ...found, report: verifyReportSchema.parse(found.report) };
}

const columns = {
  id: reports.id,
  origin: reports.origin,
  saved: reports.saved,
  report: reports.body,
};
