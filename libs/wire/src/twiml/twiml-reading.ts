import { endpointUrl } from '../field-rule.js';
import type { TwimlElement } from './twiml-document.js';
import type { Place, TwimlFault, TwimlWarning } from './twiml-fault.js';

/** The most faults, and the most warnings, that are reported of one document. */
const reportedMax = 20;

/** The reading of one document: gathers all that is wrong with it, so that its author sees everything at once. */
export class TwimlReading {
  readonly #faults: TwimlFault[] = [];
  readonly #warnings: TwimlWarning[] = [];

  /** @param documentUrl where the document was had, to which its URLs are relative; null: it came in a request */
  constructor(private readonly documentUrl: string | null) {}

  get faults(): readonly TwimlFault[] {
    return this.#faults;
  }

  get warnings(): readonly TwimlWarning[] {
    return this.#warnings;
  }

  fault({ line, column }: Place, detail: string): void {
    if (this.#faults.length < reportedMax) this.#faults.push({ line, column, detail });
  }

  warn({ line, column }: Place, detail: string): void {
    if (this.#warnings.length < reportedMax) this.#warnings.push({ line, column, detail });
  }

  /** An absolute URL as it is written, so that signatures over it hold, or a relative one resolved. */
  absoluteUrl(place: Place, subject: string, written: string): string {
    if (endpointUrl.isValid(written)) return written;
    const base = this.documentUrl;
    const parses = written !== '' && base !== null && URL.canParse(written, base);
    const resolved = parses ? new URL(written, base).href : undefined;
    if (resolved !== undefined && endpointUrl.isValid(resolved)) return resolved;
    const relative = base === null && !/^[A-Za-z][A-Za-z0-9+.-]*:/.test(written);
    const cause = relative ? '; a document without a URL of its own has no relative ones' : '';
    this.fault(place, `${subject} ${endpointUrl.expectation}${cause}.`);
    return written;
  }

  /** The text of an element that has nothing else inside, without white space around it. */
  textOf(element: TwimlElement): string {
    this.elementsOf(element, []);
    return element.children
      .filter((child) => typeof child === 'string')
      .join('')
      .trim();
  }

  /** The elements inside that are among `permitted`; a fault for each other one. */
  elementsOf(element: TwimlElement, permitted: readonly string[]): readonly TwimlElement[] {
    const elements = element.children.filter((child) => typeof child !== 'string');
    return elements.filter((child) => {
      if (permitted.includes(child.name)) return true;
      const right = permitted.length === 0 ? 'nothing' : permitted.map((name) => `<${name}>`).join(', ');
      this.fault(child, `<${element.name}> cannot have <${child.name}> inside; it can have ${right}.`);
      return false;
    });
  }

  /** The elements inside of an element that has no text. */
  containedIn(element: TwimlElement, permitted: readonly string[]): readonly TwimlElement[] {
    if (element.children.some((child) => typeof child === 'string' && child.trim() !== ''))
      this.fault(element, `<${element.name}> has text inside; it can have elements alone.`);
    return this.elementsOf(element, permitted);
  }
}
