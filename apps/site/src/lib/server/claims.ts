import { describeBar } from "@etude/papers/bar";
import { card } from "@etude/papers/cards";
import { runnable } from "@etude/papers/registry";
import { type ReportOrigin, type Store, type VerdictCount, verdictCounts } from "@etude/store";
import { keptRun } from "./kept.ts";

type Verdict = VerdictCount["verdict"];

/** Runs of one kind: how often each verdict came out, and what was measured. */
export interface Tally {
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly least: number | null;
  readonly greatest: number | null;
}

export interface ClaimAcross {
  readonly id: string;
  readonly statement: string;
  readonly bar: string;
  /** The run that came with Etude. */
  readonly kept: { readonly verdict: Verdict; readonly mean: number | null };
  readonly runs: Readonly<Record<ReportOrigin, Tally>>;
}

export interface PaperAcross {
  readonly slug: string;
  readonly title: string;
  readonly claims: readonly ClaimAcross[];
}

/** Papers with a kept run; claims that a stranger's report made up are not among them. */
export async function claimsAcross(store: Store): Promise<PaperAcross[]> {
  const all = await Promise.all(
    runnable.map(async (slug) => {
      const kept = await keptRun(slug);
      if (kept === undefined) return [];
      const counts = await verdictCounts(store, slug, "quick");
      const claims = kept.claims.map(({ id, statement, bar, verdict, mean }) => ({
        id,
        statement,
        bar: describeBar(bar),
        kept: { verdict, mean: Number.isFinite(mean) ? mean : null },
        runs: {
          native: tally(counts, id, "native"),
          browser: tally(counts, id, "browser"),
          community: tally(counts, id, "community"),
        },
      }));
      return [{ slug, title: card(slug).title, claims }];
    }),
  );
  return all.flat();
}

function tally(counts: readonly VerdictCount[], claim: string, origin: ReportOrigin): Tally {
  const mine = counts.filter((each) => each.claim === claim && each.origin === origin);
  const of = (verdict: Verdict) => mine.find((each) => each.verdict === verdict)?.count ?? 0;
  const least = mine.flatMap((each) => each.least ?? []);
  const greatest = mine.flatMap((each) => each.greatest ?? []);
  return {
    counts: {
      holds: of("holds"),
      "does not hold here": of("does not hold here"),
      inconclusive: of("inconclusive"),
    },
    least: least.length === 0 ? null : Math.min(...least),
    greatest: greatest.length === 0 ? null : Math.max(...greatest),
  };
}
