/** Asks whether whoever reads this wants the digest: the second half of the double opt-in. */
import { about, type Choice, often } from "./choice.ts";
import { button, page, type Rendered, styles } from "./layout.ts";
import { html } from "./markup.ts";
import { named, paragraphs, wrap } from "./plainText.ts";

export interface ConfirmMail {
  readonly site: URL;
  readonly choice: Choice;
  readonly confirm: URL;
}

export function confirmMail({ site, choice, confirm }: ConfirmMail): Rendered {
  const subject = "Confirm your subscription to Etude";
  const ask = `Someone, hopefully you, asked for trending papers at this address: ${often[choice.frequency]}, ${about(choice.topics)}.`;
  const how = "To begin, confirm within three days:";
  const otherwise =
    "If it was not you, do nothing. You will not be written to unless someone asks again.";
  return {
    subject,
    html: page(
      site,
      subject,
      html`<h1 class="text" style="${styles.heading}">Papers by mail</h1>
<p class="text" style="${styles.paragraph}">${ask}</p>
<p class="text" style="${styles.paragraph}">${how}</p>
${button(confirm, "Confirm the subscription")}
<p class="muted" style="${styles.meta};margin-bottom:24px">Or open this address: <a class="link" style="${styles.link}" href="${confirm}">${confirm}</a></p>`,
      html`${otherwise}`,
    ),
    text: paragraphs(
      named(site),
      "Papers by mail",
      wrap(ask),
      wrap(how),
      String(confirm),
      wrap(otherwise),
    ),
  };
}
