import { isRecord } from '@ringfence/event-catalog/shape-codec';
import { isSealedAsJson } from '@ringfence/wire/commands/command-field';
import { inOneForm } from '@ringfence/wire/field-rule';
import {
  type CommandBody,
  type CommandField,
  type PublicCommandName,
  publicCommands,
} from '@ringfence/wire/public-commands';
import { hasRepeatedMember } from '@ringfence/wire/repeated-members';
import { isCompactJwe } from '@ringfence/wire/signed-command';
import { LRUCache } from 'lru-cache';
import type { CommandKeys } from './command-keys.js';
import { OpeningTurns } from './opening-turns.js';

/** A fault with the expectation, without the invalid value. */
type BodyFault = {
  readonly code: 'command_field_invalid' | 'personal_value_in_clear' | 'personal_value_unreadable';
  readonly detail: string;
};

/**
 * Reads the body of a signed command: decrypts personal values, and checks every field by the same rules as HTTP.
 */
export class SealedBodies {
  readonly #turns = new OpeningTurns();
  /**
   * Recently decrypted values: a client that sends the same caller number with every call can reuse its ciphertext,
   * which is then decrypted only once.
   */
  readonly #known = new LRUCache<string, string>({ max: knownValuesMax });

  constructor(private readonly keys: Pick<CommandKeys, 'open'>) {}

  async read<Name extends PublicCommandName>(
    name: Name,
    data: Uint8Array,
    subject: string,
  ): Promise<{ readonly body: CommandBody<Name> } | BodyFault> {
    const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
    const raw = parsed(text);
    if (!isRecord(raw)) return invalid('the value', 'is a JSON object');
    if (hasRepeatedMember(text, raw)) return invalid('the value', 'has each of its members once');
    const { fields, personal } = formOf[name];
    // The name of an unknown field may be anything and is not echoed.
    if (Object.keys(raw).some((field) => !fields.has(field)))
      return invalid('the value', `has no fields but ${[...fields.keys()].join(', ')}`);
    const sealed = personal.filter(([field]) => isGiven(raw[field]));
    const opened = new Map(
      await Promise.all(
        sealed.map(async ([field, rules]) => [field, await this.#open(field, rules, raw[field], subject)] as const),
      ),
    );
    const body: Record<string, unknown> = {};
    for (const [field, rules] of fields) {
      const read = valueOf(field, rules, opened.get(field) ?? { value: raw[field] });
      if ('code' in read) return read;
      if (read.value !== undefined) body[field] = read.value;
    }
    // Every field has passed the rule that gives it its type.
    return { body: body as CommandBody<Name> };
  }

  async #open(field: string, rules: CommandField<unknown>, raw: unknown, subject: string): Promise<Read> {
    const asJson = isSealedAsJson(rules);
    const sealed: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
    if (sealed.length > sealedItemsMax) return invalid(field, `is at most ${String(sealedItemsMax)} values`);
    if (!sealed.every(isCompactJwe))
      return {
        code: 'personal_value_in_clear',
        detail: `${field} is personal: a compact JWE to the platform’s key, never the value itself`,
      };
    // An object may hold a password, which is not cached.
    const opened = await Promise.all(sealed.map((jwe) => this.#opened(jwe, subject, !asJson)));
    if (!opened.every((value) => value !== undefined))
      return {
        code: 'personal_value_unreadable',
        detail: `${field} cannot be opened: it is encrypted by ECDH-ES and A256GCM to a key that the platform publishes, with its kid, and with the command’s subject as sub`,
      };
    const values: readonly unknown[] = asJson ? opened.map(objectIn) : opened;
    return { value: Array.isArray(raw) ? values : values[0] };
  }

  async #opened(jwe: string, subject: string, isCached: boolean): Promise<string | undefined> {
    const name = `${subject} ${jwe}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const value = await this.#turns.run(() => this.keys.open(jwe, subject));
    if (value !== undefined && isCached && jwe.length <= knownCharactersMax) this.#known.set(name, value);
    return value;
  }
}

type Form = {
  readonly fields: ReadonlyMap<string, CommandField<unknown>>;
  readonly personal: readonly (readonly [string, CommandField<unknown>])[];
};
/** The fields of each command's body, sorted once because every command is read by them. */
const formOf = Object.fromEntries(
  Object.entries(publicCommands).map(([name, { fields }]): [string, Form] => {
    const all = Object.entries<CommandField<unknown>>(fields);
    return [name, { fields: new Map(all), personal: all.filter(([, rules]) => rules.personal) }];
  }),
) as Readonly<Record<PublicCommandName, Form>>;

type Read = BodyFault | { readonly value: unknown };

function isGiven(raw: unknown): boolean {
  return raw !== undefined && raw !== null;
}

/** @param read content of the field, decrypted if it is personal */
function valueOf(field: string, { rule, required }: CommandField<unknown>, read: Read): Read {
  if ('code' in read) return read;
  if (!isGiven(read.value)) return required ? invalid(field, rule.expectation) : read;
  const value = inOneForm(read.value);
  return rule.isValid(value) ? { value } : invalid(field, rule.expectation);
}

/** Number of sealed items in one field. */
const sealedItemsMax = 100;
/** The most decrypted values that are cached, and the most characters of one. */
const knownValuesMax = 10_000;
const knownCharactersMax = 1_024;

function invalid(field: string, wanted: string): BodyFault {
  return { code: 'command_field_invalid', detail: `${field} ${wanted}` };
}

/** The object in a JSON text; undefined: it is none, or a member is repeated in it. No rule accepts that. */
function objectIn(text: string): unknown {
  const read = parsed(text);
  return isRecord(read) && !hasRepeatedMember(text, read) ? read : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
