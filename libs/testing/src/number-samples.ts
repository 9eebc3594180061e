import metadata from 'libphonenumber-js/metadata.max';
import { SeededRandom } from './seeded-random.js';

/** A number of the numbering data, generated from one of its patterns. Digits without `+`. */
export type SampledNumber = {
  readonly callingCode: string;
  readonly territory: string | null;
  readonly digits: string;
};

const typesPlace = 11;
const lengthsOfTerritoryPlace = 3;

/** Generates numbers of every kind in every territory of the data: `each` per pattern, the same for the same seed. */
export function* sampledNumbers(seed: number, each: number): Iterable<SampledNumber> {
  const random = new SeededRandom(seed);
  for (const { callingCode, territory, plan } of everyPlan()) {
    for (const [pattern, ofKind] of patternsIn(plan[typesPlace])) {
      const node = alternatives(new Reader(pattern));
      const lengths = new Set(ofKind ?? (plan[lengthsOfTerritoryPlace] as readonly number[]));
      for (let made = 0; made < each; made += 1) {
        const national = sampleOf(node, random);
        if (lengths.has(national.length)) yield { callingCode, territory, digits: `${callingCode}${national}` };
      }
    }
  }
}

function* everyPlan(): Iterable<{ callingCode: string; territory: string | null; plan: readonly unknown[] }> {
  for (const [callingCode, territories] of Object.entries(metadata.country_calling_codes)) {
    for (const territory of territories) {
      const plan: readonly unknown[] = metadata.countries[territory] ?? [];
      yield { callingCode, territory, plan };
    }
  }
  for (const [callingCode, plan] of Object.entries(metadata.nonGeographic))
    yield { callingCode, territory: null, plan: plan as readonly unknown[] };
}

function patternsIn(types: unknown): readonly (readonly [string, readonly number[] | undefined])[] {
  const each = types as readonly (readonly [string, (readonly number[])?] | 0)[];
  return each.flatMap((type) => (type === 0 || type[0] === '' ? [] : [[type[0], type[1]] as const]));
}

/** A node of the patterns in the data. */
type Node =
  | { readonly kind: 'digit'; readonly of: string }
  | { readonly kind: 'sequence'; readonly parts: readonly Repeated[] }
  | { readonly kind: 'either'; readonly options: readonly Node[] };
type Repeated = { readonly node: Node; readonly least: number; readonly most: number };

class Reader {
  #at = 0;
  constructor(private readonly pattern: string) {}

  take(form: RegExp): RegExpExecArray | null {
    const sticky = new RegExp(form.source, 'y');
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.pattern);
    if (found !== null) this.#at = sticky.lastIndex;
    return found;
  }
}

function alternatives(reader: Reader): Node {
  const options = [sequence(reader)];
  while (reader.take(/\|/) !== null) options.push(sequence(reader));
  return { kind: 'either', options };
}

function sequence(reader: Reader): Node {
  const parts: Repeated[] = [];
  for (let node = atom(reader); node !== undefined; node = atom(reader)) {
    const [, least = '1', most = least] = reader.take(/\{(\d+)(?:,(\d+))?\}/) ?? [];
    const isOptional = reader.take(/\?/) !== null;
    parts.push({ node, least: isOptional ? 0 : Number(least), most: Number(most) });
  }
  return { kind: 'sequence', parts };
}

function atom(reader: Reader): Node | undefined {
  if (reader.take(/\(\?:/) !== null) {
    const inner = alternatives(reader);
    if (reader.take(/\)/) === null) throw new Error('a group has no end');
    return inner;
  }
  if (reader.take(/\\d/) !== null) return { kind: 'digit', of: '0123456789' };
  const listed = reader.take(/\[([\d-]+)\]/)?.[1];
  if (listed !== undefined) return { kind: 'digit', of: listed.replaceAll(/(\d)-(\d)/g, between) };
  const digit = reader.take(/\d/)?.[0];
  return digit === undefined ? undefined : { kind: 'digit', of: digit };
}

function between(_range: string, first: string, last: string): string {
  return '0123456789'.slice(Number(first), Number(last) + 1);
}

function sampleOf(node: Node, random: SeededRandom): string {
  switch (node.kind) {
    case 'digit':
      return random.oneOf(Array.from(node.of));
    case 'either':
      return sampleOf(random.oneOf(node.options), random);
    case 'sequence':
      return node.parts
        .map(({ node: part, least, most }) =>
          Array.from({ length: least + random.below(most - least + 1) }, () => sampleOf(part, random)).join(''),
        )
        .join('');
  }
}
