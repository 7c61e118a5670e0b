import { randomBytes } from "node:crypto";
import {
  type Report,
  reportSchema,
  type VerifyReport,
  verifyReportSchema,
} from "@etude/papers/report/schema";
import { and, asc, count, desc, eq, max, min } from "drizzle-orm";
import { type Store, StoreError } from "./database.ts";
import { type reportOrigins, reports, verdicts } from "./schema/index.ts";
import { cleanLine } from "./text.ts";

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
 * @param meta who ran it, and with whose token; and an identifier, if the report must have a certain one: a report that has
 *   it is replaced, so a report of ours can be renewed
 * @returns the identifier: 128 random bits, unless one was given
 * @throws StoreError for an identifier that is not of letters, digits, "_" and "-"
 */
export async function saveReport(
  { db }: Store,
  report: Report,
  {
    origin,
    id = randomBytes(16).toString("base64url"),
    token,
  }: { origin: ReportOrigin; id?: string; token?: number },
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
    token: token ?? null,
  };
  const found = isVerify ? report.claims : [];
  await db.transaction(async (tx) => {
    await tx
      .insert(reports)
      .values({ id, ...row })
      .onConflictDoUpdate({ target: reports.id, set: row });
    await tx.delete(verdicts).where(eq(verdicts.report, id));
    if (found.length === 0) return;
    const rows = found.map(({ id: claim, verdict, mean }) => ({
      report: id,
      claim: cleanLine(claim, 200),
      verdict,
      mean: Number.isFinite(mean) ? mean : null,
    }));
    await tx.insert(verdicts).values(rows).onConflictDoNothing();
  });
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

/** How often a claim came out so. */
export interface VerdictCount {
  readonly claim: string;
  readonly origin: ReportOrigin;
  readonly verdict: VerifyReport["claims"][number]["verdict"];
  readonly count: number;
  /** Of what was measured; null where none of it was a number. */
  readonly least: number | null;
  readonly greatest: number | null;
}

/** What all reports of a paper say of its claims, of those with the options of a preset unchanged. */
export const verdictCounts = (
  { db }: Store,
  slug: string,
  preset: VerifyReport["preset"],
): Promise<VerdictCount[]> =>
  db
    .select({
      claim: verdicts.claim,
      origin: reports.origin,
      verdict: verdicts.verdict,
      count: count(),
      least: min(verdicts.mean),
      greatest: max(verdicts.mean),
    })
    .from(verdicts)
    .innerJoin(reports, eq(reports.id, verdicts.report))
    .where(and(eq(reports.paper, slug), eq(reports.preset, preset), eq(reports.changed, false)))
    .groupBy(verdicts.claim, reports.origin, verdicts.verdict)
    .orderBy(asc(verdicts.claim), asc(reports.origin), asc(verdicts.verdict));

/** Reports of a paper's claims that came with a token, the newest first. */
export async function reproductions(
  { db }: Store,
  slug: string,
  limit = 20,
): Promise<StoredReport<VerifyReport>[]> {
  const found = await db
    .select(columns)
    .from(reports)
    .where(
      and(eq(reports.paper, slug), eq(reports.origin, "community"), eq(reports.kind, "verify")),
    )
    .orderBy(desc(reports.saved), desc(reports.id))
    .limit(limit);
  return found.map((each) => ({ ...each, report: verifyReportSchema.parse(each.report) }));
}

const columns = {
  id: reports.id,
  origin: reports.origin,
  saved: reports.saved,
  report: reports.body,
};
