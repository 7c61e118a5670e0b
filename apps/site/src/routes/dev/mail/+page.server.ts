import { listMail } from "@etude/mail";
import { error } from "@sveltejs/kit";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ locals }) => {
  const { mailFolder, settings } = locals.site;
  if (!settings.showMails) error(404, "Mails are not shown here.");
  return { mails: await listMail(mailFolder) };
};
