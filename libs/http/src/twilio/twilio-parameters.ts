import { edgeProblem, type HttpProblem } from '../problem.js';

/** Parameters that an operation reads, each at most once; anything else is refused. */
export class TwilioParameters {
  private constructor(
    private readonly given: ReadonlyMap<string, string>,
    private readonly place: 'body' | 'query',
  ) {}

  /**
   * @param known those that the operation takes, with a value or without; `unsupported`: those of Twilio's that it does
   *   not take in this release, each with what is missing
   * @throws HttpProblem `validation_failed`
   */
  static read(
    parameters: URLSearchParams,
    place: 'body' | 'query',
    known: readonly string[],
    unsupported: Readonly<Record<string, string>> = {},
  ): TwilioParameters {
    const given = new Map<string, string>();
    for (const [name, value] of parameters) {
      const missing = Object.hasOwn(unsupported, name) ? unsupported[name] : undefined;
      if (missing !== undefined) throw invalidParameter(name, place, `is not supported in this release: ${missing}`);
      if (!known.includes(name)) throw invalidParameter(name, place, 'is no parameter of this request');
      if (given.has(name)) throw invalidParameter(name, place, 'is given once');
      given.set(name, value);
    }
    return new TwilioParameters(given, place);
  }

  /** undefined: it was not sent, or empty. */
  get(name: string): string | undefined {
    const value = this.given.get(name);
    return value === '' ? undefined : value;
  }

  /** @throws HttpProblem `validation_failed` if the parameter is missing */
  need(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw this.invalid(name, 'is needed');
    return value;
  }

  invalid(name: string, detail: string, rule = 'twilio'): HttpProblem {
    return invalidParameter(name, this.place, detail, rule);
  }

  /** The parameters as they were sent, except these. */
  without(...names: readonly string[]): URLSearchParams {
    return new URLSearchParams([...this.given].filter(([name]) => !names.includes(name)));
  }
}

/** The parameters of a form. @throws HttpProblem `content_type_unsupported` for a body of another type */
export function formOf(body: unknown): URLSearchParams {
  if (body instanceof URLSearchParams) return body;
  if (body === undefined || body === null) return new URLSearchParams();
  throw edgeProblem('content_type_unsupported', 'the body must be application/x-www-form-urlencoded');
}

/** The parameters in the query of a URL, where a name may have an operator: `StartTime>`. */
export function queryOf(url: string): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at === -1 ? '' : url.slice(at + 1));
}

function invalidParameter(name: string, place: 'body' | 'query', detail: string, rule = 'twilio'): HttpProblem {
  return edgeProblem('validation_failed', `${name} ${detail}`, { errors: [{ in: place, path: [name], rule, detail }] });
}
