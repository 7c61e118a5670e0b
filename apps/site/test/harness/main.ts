/** A page with one panel and nothing else: ?panel=verify&slug=gbnn&about=1&recorded=1&share=1 */
import { mount } from "svelte";
import "./page.css";

const query = new URLSearchParams(location.search);
const slug = query.get("slug") ?? "gbnn";

/** What a site would have its server put into the page. */
async function fromServer(path: string, isWanted: boolean): Promise<unknown> {
  return isWanted ? (await fetch(path)).json() : null;
}

const [about, recorded] = await Promise.all([
  fromServer(`/about/${slug}`, query.has("about")),
  fromServer(`/recorded/${slug}`, query.has("recorded")),
]);
const { default: Panel } =
  query.get("panel") === "use"
    ? await import("../../src/lib/run/UsePanel.svelte")
    : await import("../../src/lib/run/VerifyPanel.svelte");

mount(Panel as never, {
  target: document.body,
  props: {
    slug,
    recorded,
    ...(about !== null && { about }),
    ...(query.has("share") && { onshare: async () => "/reports/abc" }),
  },
});
document.documentElement.dataset.ready = "true";
