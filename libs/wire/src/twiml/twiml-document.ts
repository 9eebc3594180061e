import { SaxesParser } from 'saxes';
import type { Place, TwimlFault } from './twiml-fault.js';

/** The longest document, in bytes of UTF-8. */
export const twimlBytesMax = 65_536;
const depthMax = 16;
const elementsMax = 1_000;

export type TwimlElement = Place & {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly (string | TwimlElement)[];
};

type OpenElement = TwimlElement & { readonly children: (string | TwimlElement)[] };

/**
 * Reads XML 1.0 into a tree, or says what is wrong with it. A document type declaration is refused where it begins:
 * neither entities nor external subsets exist, and what nests or repeats is bounded before it is built.
 */
export function readTwimlDocument(text: string): TwimlElement | TwimlFault {
  if (Buffer.byteLength(text) > twimlBytesMax)
    return { line: 1, column: 0, detail: `The document is longer than ${String(twimlBytesMax)} bytes.` };
  const tree = new TreeBuilder();
  const parser = new SaxesParser({ position: true, fragment: false });
  const here = (): Place => ({ line: parser.line, column: parser.column });
  parser.on('error', ({ message }) => {
    tree.fail(here(), `The document is not well-formed XML: ${withoutPlace(message)}`);
  });
  parser.on('doctype', () => {
    tree.fail(here(), 'The document has a DOCTYPE. TwiML has neither a document type nor entities of its own.');
  });
  parser.on('opentag', ({ name, attributes }) => {
    tree.open({ ...here(), name, attributes: new Map(Object.entries(attributes)), children: [] });
  });
  parser.on('text', (part) => {
    tree.text(part);
  });
  parser.on('cdata', (part) => {
    tree.text(part);
  });
  parser.on('closetag', () => {
    tree.close();
  });
  parser.write(text).close();
  return tree.result();
}

/** Takes the parser's own “line:column: ” off its message: faults have a place already. */
function withoutPlace(message: string): string {
  return message.replace(/^\d+:\d+: /, '');
}

/** The tree so far. After the first fault nothing more is built. */
class TreeBuilder {
  readonly #open: OpenElement[] = [];
  #root: TwimlElement | undefined;
  #fault: TwimlFault | undefined;
  #elements = 0;

  fail(place: Place, detail: string): void {
    this.#fault ??= { ...place, detail };
  }

  open(element: OpenElement): void {
    if (this.#fault !== undefined) return;
    this.#elements += 1;
    if (this.#elements > elementsMax) this.fail(element, `The document has more than ${String(elementsMax)} elements.`);
    if (this.#open.length === depthMax) this.fail(element, `Elements nest deeper than ${String(depthMax)}.`);
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = element;
    else parent.children.push(element);
    this.#open.push(element);
  }

  text(part: string): void {
    if (this.#fault === undefined) this.#open.at(-1)?.children.push(part);
  }

  close(): void {
    if (this.#fault === undefined) this.#open.pop();
  }

  result(): TwimlElement | TwimlFault {
    return this.#fault ?? this.#root ?? { line: 1, column: 0, detail: 'The document is empty.' };
  }
}
