/**
 * Controls that would end up in a page or break it: the C0 and C1 characters (PostgreSQL refuses
 * U+0000 in a text), and the embeddings, overrides and isolates of bidirectional text, which, left
 * open in a title, would turn around what follows it. Letters of right-to-left scripts and the
 * joiners that Persian or emoji need stay.
 */
const controls = /(?!\s)[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;

/** A text of one line: white space collapsed, controls gone, well-formed, in normal form C. */
export const plainText = (text: string): string =>
  text.toWellFormed().replace(controls, "").replace(/\s+/gu, " ").trim().normalize("NFC");

/** At most `longest` characters (UTF-16 units), the last an ellipsis where something was cut. */
export const cut = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;

const codeHosts = "github\\.com|gitlab\\.com|bitbucket\\.org|codeberg\\.org";
const repository = new RegExp(
  `(?<![\\w.-])(?:https?://)?(?:www\\.)?(${codeHosts})/([\\w.-]{1,100})/([\\w.-]{1,100})`,
  "i",
);

/**
 * The first link to a repository of code in some texts.
 *
 * @returns e.g. `https://github.com/owner/name`, without the path inside the repository
 */
export function codeLink(...texts: readonly (string | undefined)[]): string | undefined {
  for (const text of texts) {
    const [, host = "", owner, path] = repository.exec(text ?? "") ?? [];
    // A full stop ends the sentence, not the name.
    const name = path?.replace(/\.+$/, "").replace(/\.git$/i, "");
    if (owner !== undefined && name) return `https://${host.toLowerCase()}/${owner}/${name}`;
  }
  return undefined;
}
