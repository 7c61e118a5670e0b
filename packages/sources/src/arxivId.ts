import { quote, SourceError } from "./errors.ts";

/** A paper on arXiv. */
export interface ArxivId {
  /** Without the version: `2305.18502`, or `hep-th/9901001` for papers before April 2007. */
  readonly id: string;
  /** Which version was meant, where one was named: 1, 2, … */
  readonly version?: number;
}

/** Archives that had identifiers of the old style. */
const archives = new Set(
  (
    "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas " +
    "cond-mat cs dg-ga funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin " +
    "nucl-ex nucl-th patt-sol physics plasm-ph q-alg q-bio quant-ph solv-int supr-con"
  ).split(" "),
);

const newStyle = /^(\d{2})(\d{2})\.(\d{4,5})(?:v([1-9]\d{0,2}))?$/;
/** The subject class of `math.GT/0309136` is not part of the identifier. */
const oldStyle =
  /^([a-z]+(?:-[a-z]+)?)(?:\.[a-z]{2})?\/(\d{2})(\d{2})(\d{3})(?:v([1-9]\d{0,2}))?$/i;

/** Hosts of papers, and the paths before the identifier. */
const places: readonly { host: RegExp; path: RegExp }[] = [
  {
    host: /^(?:(?:www|export|browse|[a-z]{2})\.)?arxiv\.org$/,
    path: /^\/(?:abs|pdf|html|format|ps|src|e-print)\/(.+)$/,
  },
  { host: /^ar5iv(?:\.labs\.arxiv)?\.org$/, path: /^\/(?:abs|html)\/(.+)$/ },
  { host: /^(?:www\.)?alphaxiv\.org$/, path: /^\/(?:abs|pdf|overview)\/(.+)$/ },
  { host: /^(?:www\.)?(?:huggingface\.co|hf\.co)$/, path: /^\/papers\/(.+)$/ },
  { host: /^(?:dx\.|www\.)?doi\.org$/, path: /^\/10\.48550\/arxiv\.(.+)$/i },
];

/**
 * Read what a person pastes to name a paper: an identifier of either style with or without a version
 * and "arXiv:", the address of a page about the paper, or its DOI.
 *
 * @throws SourceError that says what was expected
 * @example
 * parseArxivId("https://arxiv.org/pdf/2305.18502v2.pdf") // { id: "2305.18502", version: 2 }
 */
export function parseArxivId(pasted: string): ArxivId {
  const text = pasted.trim();
  const found = bare(fromUrl(text) ?? text);
  if (found !== undefined) return found;
  throw new SourceError(
    `${quote(text)} is neither an arXiv identifier nor the address of a paper on arXiv; ` +
      `try "2305.18502" or "https://arxiv.org/abs/2305.18502"`,
  );
}

/** The identifier in the address of a page. */
function fromUrl(text: string): string | undefined {
  const address = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) return undefined;
  const { hostname, pathname } = new URL(address);
  for (const { host, path } of places) {
    const found = host.test(hostname) ? path.exec(pathname)?.[1] : undefined;
    if (found !== undefined) return found.replace(/\/+$/, "").replace(/\.pdf$/i, "");
  }
  return undefined;
}

/** An identifier, perhaps as it is cited: `arXiv:2305.18502v1 [cs.LG]`. */
function bare(text: string): ArxivId | undefined {
  const name = text
    .replace(/^(?:doi:\s*)?10\.48550\/arxiv\./i, "")
    .replace(/^arxiv:\s*/i, "")
    .replace(/\s*\[[a-z.-]+\]$/i, "");
  const current = newStyle.exec(name);
  if (current !== null) {
    const [, year = "", month = "", number = "", version] = current;
    // Five digits since January 2015; the style began in April 2007.
    const digits = year >= "15" ? 5 : 4;
    if (!isMonth(month) || number.length !== digits || year + month < "0704") return undefined;
    return withVersion(`${year}${month}.${number}`, version);
  }
  const [, archive = "", year = "", month = "", number, version] = oldStyle.exec(name) ?? [];
  const known = archives.has(archive.toLowerCase());
  const inTime = year >= "91" || year + month <= "0703";
  if (!known || !isMonth(month) || !inTime) return undefined;
  return withVersion(`${archive.toLowerCase()}/${year}${month}${number}`, version);
}

const isMonth = (month: string): boolean => month >= "01" && month <= "12";

const withVersion = (id: string, version: string | undefined): ArxivId =>
  version === undefined ? { id } : { id, version: Number(version) };

/** An identifier as arXiv writes it: `2305.18502v2`, or `2305.18502` where no version is meant. */
export const formatArxivId = ({ id, version }: ArxivId): string =>
  version === undefined ? id : `${id}v${version}`;
