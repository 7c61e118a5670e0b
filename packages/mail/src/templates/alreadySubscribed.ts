/** Answers a request for an address that has a subscription: told to its owner alone, not to the site. */
import { about, type Choice, often } from "./choice.ts";
import { button, page, type Rendered, styles } from "./layout.ts";
import { html } from "./markup.ts";
import { named, paragraphs, wrap } from "./plainText.ts";

export interface AlreadySubscribedMail {
  readonly site: URL;
  readonly choice: Choice;
  readonly manage: URL;
  readonly unsubscribe: URL;
}

export function alreadySubscribedMail(mail: AlreadySubscribedMail): Rendered {
  const { site, choice, manage, unsubscribe } = mail;
  const subject = "You are subscribed to Etude already";
  const state = `Someone, hopefully you, asked for trending papers at this address. It gets them already: ${often[choice.frequency]}, ${about(choice.topics)}. Nothing has changed.`;
  const change = "Here you can change how often they come and what they are about:";
  return {
    subject,
    html: page(
      site,
      subject,
      html`<h1 class="text" style="${styles.heading}">You are subscribed already</h1>
<p class="text" style="${styles.paragraph}">${state}</p>
<p class="text" style="${styles.paragraph}">${change}</p>
${button(manage, "Change the subscription")}`,
      html`To end it: <a class="link" style="${styles.link}" href="${unsubscribe}">unsubscribe</a>.`,
    ),
    text: paragraphs(
      named(site),
      "You are subscribed already",
      wrap(state),
      wrap(change),
      String(manage),
      `To end it, unsubscribe:\n${unsubscribe}`,
    ),
  };
}
