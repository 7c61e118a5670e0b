import { sql } from "drizzle-orm";
import { madeUpPaper } from "/work/main/packages/store/bench/corpus.ts";
import { openStore, upsertPapers } from "/work/main/packages/store/src/index.ts";

const [where, n] = [process.argv[2], Number(process.argv[3])];
const store = await openStore(where.startsWith("postgres") ? { url: where } : { folder: where });
const t = performance.now();
for (let i = 0; i < n; i += 1000) {
  const p = Array.from({ length: 1000 }, (_, j) => madeUpPaper(i + j));
  const r = await upsertPapers(store, p, new Date("2026-01-01"));
  if (i % 10000 === 0) console.log(i, r, ((performance.now() - t) / 1000).toFixed(1));
}
console.log("total", (performance.now() - t) / 1000);
await store.db.execute(sql`vacuum analyze papers`);
console.log("vacuum", (performance.now() - t) / 1000);
console.log(
  (
    await store.db.execute(
      sql`select relname, pg_size_pretty(pg_table_size(oid)) t, pg_size_pretty(pg_relation_size(oid)) r from pg_class where relname like 'papers%'`,
    )
  ).rows,
);
await store.close();
