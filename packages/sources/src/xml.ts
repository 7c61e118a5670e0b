import { XMLParser, XMLValidator } from "fast-xml-parser";
import { quote, reasonOf, SourceError, unreadable } from "./errors.ts";

const named: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};
const entity = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi;

/** Replaces the five entities of XML and the numeric ones, once; leaves all others as they stand. */
export const decodeEntities = (text: string): string =>
  text.replace(entity, (whole, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined) return named[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : "\uFFFD";
  });

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  removeNSPrefix: true,
  alwaysCreateTextNode: true,
  parseTagValue: false,
  trimValues: false,
  maxNestedTags: 16, // Atom needs four
  ignoreDeclaration: true,
  ignorePiTags: true,
  isArray: (name) => ["entry", "author", "category"].includes(name),
  entityDecoder: {
    decode: decodeEntities,
    // A document that declares entities is refused before; there is nothing to remember.
    setExternalEntities() {},
    addInputEntities() {},
    reset() {},
    setXmlVersion() {},
  },
});

/**
 * Parse an XML document without a document type: each element becomes an object of its attributes
 * (`@name`), its text (`#text`) and its children.
 *
 * @throws SourceError when it is not well-formed, nests deeper than 16 elements, or has a DOCTYPE
 */
export function parseXml(text: string, host: string): unknown {
  // Before anything else reads it: entities are declared there, and read from elsewhere.
  if (/<!(doctype|entity)/i.test(text))
    throw unreadable(host, "sent XML with a document type, which is refused");
  try {
    const verdict = XMLValidator.validate(text);
    if (verdict === true) return parser.parse(text);
    const { msg, line } = verdict.err;
    throw unreadable(host, `sent XML that is not well-formed, line ${line}: ${quote(msg)}`);
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw unreadable(host, `sent XML that cannot be read: ${quote(reasonOf(error))}`, error);
  }
}
