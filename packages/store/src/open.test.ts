import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { papers } from "./schema/index.ts";
import { eachDatabase } from "./testing/databases.ts";

eachDatabase("openStore", (open) => {
  test("makes the tables", async () => {
    const { db } = await open();
    expect(await db.select().from(papers)).toEqual([]);
  });

  test("folds case, accents, ligatures and width", async () => {
    const { db } = await open();
    const { rows } = await db.execute(
      sql`select folded('Schölkopf ŁUKASZ eﬃcient ＡＢＣ Ångström') as folded`,
    );
    expect(rows).toEqual([{ folded: "scholkopf lukasz efficient abc angstrom" }]);
  });
});
