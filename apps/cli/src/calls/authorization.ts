import { type JsonAnswer, isAnswer, listIn, textOr } from '../server/json-reading.js';
import type { Terminal } from '../terminal/terminal.js';

/** Prints who authorised a call: the key as it was then. */
export function printAuthority(authorization: JsonAnswer, terminal: Terminal): void {
  const key = innerOf(authorization, 'key');
  const policy = innerOf(key, 'policy');
  terminal.table(
    ['authorised by', ''],
    [
      ['key', `${textOr(key, 'id', '-')}, version ${textOr(key, 'version', '-')}`],
      ['proved by', textOr(key, 'kind', '-') === 'signing' ? 'its signature' : 'its secret'],
      ['label', textOr(key, 'label', '(erased)')],
      ['issued by', byWhom(key)],
      ['issued at', textOr(key, 'issued_at', '-')],
      ['project/application', `${textOr(policy, 'project', '-')}/${textOr(policy, 'application', '-')}`],
      ['limits', limitsOf(policy)],
      ['policy hash', textOr(key, 'policy_hash', '-')],
    ],
  );
}

/** Prints the events that led to a call and those that followed. @returns their number */
export function printChain(authorization: JsonAnswer, terminal: Terminal): number {
  const chain = listIn(authorization['events'], 'the chain of events');
  terminal.table(
    ['position', 'time', 'event', 'by'],
    chain.map((event) => [
      textOr(event, 'position', '?').split(':').at(-1) ?? '?',
      textOr(event, 'time', '?'),
      textOr(event, 'type', '?'),
      byWhom(event),
    ]),
    [0],
  );
  return chain.length;
}

function limitsOf(policy: JsonAnswer): string {
  const [perSecond, burst, lines] = ['calls_per_second', 'burst_calls', 'lines_max'].map((name) =>
    textOr(policy, name, '-'),
  );
  return `${perSecond ?? '-'} calls/s, ${burst ?? '-'} at once, ${lines ?? '-'} lines`;
}

function byWhom(answer: JsonAnswer): string {
  const by = innerOf(answer, 'issued_by');
  const id = textOr(by, 'id', '-');
  return textOr(by, 'kind', '') === 'key' ? id : `${textOr(by, 'kind', '')} ${id}`;
}

function innerOf(answer: JsonAnswer, name: string): JsonAnswer {
  const value = answer[name];
  return isAnswer(value) ? value : {};
}
