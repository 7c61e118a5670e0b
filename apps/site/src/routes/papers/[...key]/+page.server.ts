import { cards } from "@etude/papers/cards";
import { listed } from "#lib/server/listed.ts";
import { similarNow } from "#lib/server/reads.ts";
import { visitorOf } from "#lib/server/visitor.ts";
import { bibtex } from "#lib/ui/bibtex.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ parent, locals, cookies }) => {
  const { paper } = await parent();
  const { store, secret } = locals.site;
  const card = cards.find(({ slug }) => slug === paper.slug);
  const similar = await similarNow(store, { id: paper.id, limit: 5 });
  return {
    card:
      card === undefined ? null : { claim: card.claim, uses: card.uses, verifies: card.verifies },
    citation: bibtex(paper),
    similar: await listed(store, similar, visitorOf(cookies, secret)),
  };
};
