import { readMail } from "@etude/mail";
import { error } from "@sveltejs/kit";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ params, locals }) => {
  const { mailFolder, settings } = locals.site;
  if (!settings.showMails) error(404, "Mails are not shown here.");
  const mail = await readMail(mailFolder, params.name);
  if (mail === undefined) error(404, "There is no such mail.");
  const { name, to, subject, text } = mail;
  return { name, to, subject, text };
};
