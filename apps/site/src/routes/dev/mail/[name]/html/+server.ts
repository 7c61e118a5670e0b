import { readMail } from "@etude/mail";
import { error } from "@sveltejs/kit";
import type { RequestHandler } from "./$types";

/** A mail as its reader sees it: a page with the styles of the mail, and nothing that acts. */
export const GET: RequestHandler = async ({ params, locals }) => {
  const { mailFolder, settings } = locals.site;
  if (!settings.showMails) error(404, "Mails are not shown here.");
  const mail = await readMail(mailFolder, params.name);
  if (mail === undefined) error(404, "There is no such mail.");
  return new Response(mail.html, {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy":
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-top-navigation-by-user-activation allow-popups; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    },
  });
};
