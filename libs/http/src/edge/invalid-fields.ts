import type { ValidationError } from 'class-validator';
import { edgeProblem, type FieldProblem } from '../problem.js';

type FieldFaults = {
  /** Faults of single fields, as class-validator names them. */
  readonly wrong: readonly Pick<ValidationError, 'property' | 'constraints'>[];
  readonly unknown: readonly string[];
  readonly repeated: readonly string[];
};

/** The problem of a body or query whose fields are wrong. */
export function invalidFields({ wrong, unknown, repeated }: FieldFaults, place: 'body' | 'query'): Error {
  const misplaced = unknown.map((name) => problemOf(place, name, 'unknown_field', unknownIn[place]));
  const ambiguous = repeated.map((name) => problemOf(place, name, 'repeated', 'is given more than once'));
  const misshapen = wrong.map(({ property, constraints }) => {
    const [[rule, detail] = ['invalid', 'is not right']] = Object.entries(constraints ?? {});
    return problemOf(place, property, rule, detail);
  });
  const errors = [...misplaced, ...ambiguous, ...misshapen].slice(0, fieldProblemsMax);
  const [first] = errors;
  const named = first === undefined ? 'a field' : `${printable(first.path.join('.'))} ${first.detail}`;
  return edgeProblem('validation_failed', named, { errors });
}

function problemOf(place: 'body' | 'query', name: string, rule: string, detail: string): FieldProblem {
  return { in: place, path: [name.slice(0, fieldNameShownMax)], rule, detail };
}

const unknownIn = {
  body: 'is not a field of this request',
  query: 'is not a query parameter of this request',
} as const;

/** The most invalid fields that are listed. */
const fieldProblemsMax = 32;
/** The most characters of a field's name that are echoed. */
const fieldNameShownMax = 64;

function printable(name: string): string {
  return name.replaceAll(/[^\x20-\x7e]/g, '?');
}
