import { durationMs, type DurationMs } from '@ringfence/kernel/units';
import type { TwimlElement } from './twiml-document.js';
import type { RequestOrDocument, StatusCallback, TwimlRequest } from './twiml-program.js';
import type { TwimlReading } from './twiml-reading.js';

const methods = ['GET', 'POST'] as const;

/**
 * The attributes of one element. A value that cannot be right is a fault, and its default is returned so that the
 * reading goes on. An attribute that nothing reads has no effect, which `done` reports.
 */
export class TwimlAttributes {
  readonly #unread: Map<string, string>;

  constructor(
    private readonly element: TwimlElement,
    private readonly reading: TwimlReading,
  ) {
    this.#unread = new Map(element.attributes);
  }

  text(name: string): string | null {
    const value = this.#unread.get(name) ?? null;
    this.#unread.delete(name);
    return value;
  }

  matching(name: string, pattern: RegExp, expectation: string): string | null {
    const value = this.text(name);
    if (value === null || pattern.test(value)) return value;
    this.#fault(name, expectation);
    return null;
  }

  required(name: string): string {
    const value = this.text(name)?.trim() ?? '';
    if (value === '') this.reading.fault(this.element, `<${this.element.name}> needs the attribute ${name}.`);
    return value;
  }

  flag(name: string, absent: boolean): boolean {
    return this.choice(name, ['true', 'false'], absent ? 'true' : 'false') === 'true';
  }

  choice<const Values extends readonly string[]>(name: string, values: Values, absent: Values[number]): Values[number] {
    const value = this.text(name);
    if (value === null) return absent;
    const known: Values[number] | undefined = values.find((each) => each === value);
    if (known === undefined) this.#fault(name, `is one of ${values.join(', ')}`);
    return known ?? absent;
  }

  /** Words between spaces. */
  words(name: string): readonly string[] | null {
    return (
      this.text(name)
        ?.split(/\s+/)
        .filter((word) => word !== '') ?? null
    );
  }

  whole<Absent extends number | null>(name: string, least: number, most: number, absent: Absent): number | Absent {
    const value = this.text(name);
    if (value === null) return absent;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    this.#fault(name, `is a whole number from ${String(least)} to ${String(most)}`);
    return absent;
  }

  /** A time in whole seconds. */
  seconds(name: string, least: number, most: number, absent: number): DurationMs {
    return durationMs(this.whole(name, least, most, absent) * 1_000);
  }

  method(name = 'method'): 'GET' | 'POST' {
    return this.choice(name, methods, 'POST');
  }

  /** A URL with its method; null: there is none. */
  request(name: string, methodName: string): TwimlRequest | null {
    const { url, method } = this.requestOrDocument(name, methodName);
    return url === null ? null : { url, method };
  }

  /** A URL with its method; without a URL the document itself is requested again. */
  requestOrDocument(name: string, methodName: string): RequestOrDocument {
    const method = this.method(methodName);
    const written = this.text(name)?.trim() ?? '';
    return { url: written === '' ? null : this.#absolute(name, written), method };
  }

  /** A callback for some of the events that there are. */
  statusCallback(known: readonly string[], absent: readonly string[]): StatusCallback | null {
    const request = this.request('statusCallback', 'statusCallbackMethod');
    const events = this.words('statusCallbackEvent') ?? absent;
    const unknown = events.filter((event) => !known.includes(event));
    if (unknown.length > 0)
      this.reading.warn(this.element, `statusCallbackEvent: there is no event ${unknown.join(', ')}.`);
    return request === null ? null : { ...request, events: events.filter((event) => known.includes(event)) };
  }

  done(): void {
    for (const name of this.#unread.keys())
      this.reading.warn(this.element, `The attribute ${name} of <${this.element.name}> has no effect.`);
  }

  #absolute(name: string, written: string): string {
    return this.reading.absoluteUrl(this.element, `${name} of <${this.element.name}>`, written);
  }

  #fault(name: string, expectation: string): void {
    this.reading.fault(this.element, `${name} of <${this.element.name}> ${expectation}.`);
  }
}
