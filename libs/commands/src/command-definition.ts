import type { SealedText } from '@ringfence/domain/shared/values';
import type { EventDefinition } from '@ringfence/event-catalog/catalogue';
import type { SharedStreamId } from '@ringfence/kernel/ids';
import type { JsonObject } from '@ringfence/kernel/json';
import type { CommandPayloadOf, CommandType } from './command-dispatcher.js';

/** Converts a payload's JSON to the previous version; undefined: that version cannot express it. */
export type Downcaster = (data: JsonObject) => JsonObject | undefined;

/** Conversion between a payload and its form on the wire between processes. */
export type WireForm<Payload, Wire> = {
  readonly toWire: (payload: Payload) => Wire;
  /** The personal values that the decision needs in clear. */
  readonly sealed: (wire: Wire) => readonly SealedText[];
  /** Says whether the members, each valid by itself, are consistent. */
  readonly isConsistent: (wire: Wire) => boolean;
  /**
   * @param wire consistent
   * @param opened the values that `sealed` lists, in clear; null: erased, so the command can no longer be decided
   */
  readonly fromWire: (wire: Wire, opened: readonly (string | null)[]) => Payload;
};

/** The internal half of a command's definition; the client's half is in `libs/wire/src/commands`. */
export type CommandDefinition<Payload, Wire = Payload> = EventDefinition<Wire> & {
  /** The stream that decides it although it names an account; omitted: that of the account, or the platform's. */
  readonly stream?: SharedStreamId;
  /** Conversion to the version that the previous release reads. Removed with the next release. */
  readonly downcaster?: Downcaster;
  readonly form: WireForm<Payload, Wire>;
  /** True for a command that ends something, so that an account in quarantine for its timer still accepts it. */
  readonly allowedWhileDraining: boolean;
};

/** The context in the wire name of every command between processes. */
const wireContext = 'wish';

/** A definition as written in its file. `name`: the name on the wire, `place_call`; never changed, never reused. */
type Declared<Payload, Wire> = Omit<CommandDefinition<Payload, Wire>, 'form'>;

/** Defines a command whose payload travels unchanged. */
export function defineCommand<Type extends CommandType>(
  declared: Declared<CommandPayloadOf<Type>, CommandPayloadOf<Type>>,
): CommandDefinition<CommandPayloadOf<Type>> {
  return defineCommandAs<Type, CommandPayloadOf<Type>>(declared, {
    toWire: (payload) => payload,
    sealed: () => [],
    isConsistent: () => true,
    fromWire: (wire) => wire,
  });
}

/** Defines a command whose payload travels in another form. */
export function defineCommandAs<Type extends CommandType, Wire>(
  declared: Declared<CommandPayloadOf<Type>, Wire>,
  form: WireForm<CommandPayloadOf<Type>, Wire>,
): CommandDefinition<CommandPayloadOf<Type>, Wire> {
  return { ...declared, name: `${wireContext}.${declared.name}`, form };
}
