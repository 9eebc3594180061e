import type { SealedText } from '@ringfence/domain/shared/values';
import type { EventDefinition } from '@ringfence/event-catalog/catalogue';
import type { JsonObject } from '@ringfence/kernel/json';
import type { CommandPayloadOf, CommandType } from './command-dispatcher.js';

/** The JSON of a payload in the version before its own; undefined: it says what that version cannot. */
export type Downcaster = (data: JsonObject) => JsonObject | undefined;

/** Conversion between a payload and its form on the wire between processes. */
export type WireForm<Payload, Wire> = {
  readonly toWire: (payload: Payload) => Wire;
  /** The personal values that the decision needs in clear. */
  readonly sealed: (wire: Wire) => readonly SealedText[];
  /** Says whether its members go together; each by itself is right. */
  readonly isConsistent: (wire: Wire) => boolean;
  /**
   * @param wire consistent
   * @param opened what `sealed` names, opened; null: erased since, and then the command cannot be decided any more
   */
  readonly fromWire: (wire: Wire, opened: readonly (string | null)[]) => Payload;
};

/** The processes' half of a command's definition; the client's half is in `libs/wire/src/commands`. */
export type CommandDefinition<Payload, Wire = Payload> = EventDefinition<Wire> & {
  /** Conversion to the version that the previous release reads. Removed with the next release. */
  readonly downcaster?: Downcaster;
  readonly form: WireForm<Payload, Wire>;
  /** True for a command that ends something, so that an account in quarantine for its timer still accepts it. */
  readonly allowedWhileDraining: boolean;
};

/** The context in the wire name of every command between processes. */
const wireContext = 'wish';

/** A definition as its file writes it. `name`: on the wire, `place_call`; never changes, never reused. */
type Declared<Payload, Wire> = Omit<CommandDefinition<Payload, Wire>, 'form'>;

/** A command whose payload travels as it is. */
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

/** A command whose payload travels in another form. */
export function defineCommandAs<Type extends CommandType, Wire>(
  declared: Declared<CommandPayloadOf<Type>, Wire>,
  form: WireForm<CommandPayloadOf<Type>, Wire>,
): CommandDefinition<CommandPayloadOf<Type>, Wire> {
  return { ...declared, name: `${wireContext}.${declared.name}`, form };
}
