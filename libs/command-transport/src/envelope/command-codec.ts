import type { SealedText } from '@ringfence/domain/shared/values';
import { commandDefinitions, type WireCommand } from '@ringfence/commands/command-definitions';
import type { WireForm } from '@ringfence/commands/command-definition';
import type { CommandPayload, CommandPayloadOf, CommandType } from '@ringfence/commands/command-dispatcher';
import { canonicalJson } from '@ringfence/event-catalog/canonical-json';
import { dataCodec } from '@ringfence/event-catalog/data-codec';
import type { JsonObject } from '@ringfence/kernel/json';

/** Writes and reads a command on the wire as canonical JSON. */
export const wireCommandCodec = dataCodec<WireCommand>(commandDefinitions);

/**
 * Encodes a command for the topic: its CloudEvents type and canonical JSON. Gateways are replaced before deciders, so a
 * command without new features is sent in the version that deciders of the previous release read.
 * @throws Failure `event_field_invalid`
 */
export function onTopic(wire: WireCommand): { readonly ceType: string; readonly json: string } {
  const [ceType, json] = [wireCommandCodec.ceTypeOf(wire), wireCommandCodec.write(wire)];
  const { version, downcaster } = commandDefinitions[wire.type];
  // Its own codec wrote it.
  const before = downcaster?.(JSON.parse(json) as JsonObject);
  if (before === undefined) return { ceType, json };
  return { ceType: ceType.replace(/\d+$/, String(version - 1)), json: canonicalJson(before) };
}

export function toWire(payload: CommandPayload): WireCommand {
  return formOf(payload.type).toWire(payload);
}

/** The personal values that a decision needs in clear. */
export function sealedIn(wire: WireCommand): readonly SealedText[] {
  return formOf(wire.type).sealed(wire);
}

/** Says whether the members, each valid by itself, are consistent. */
export function isConsistent(wire: WireCommand): boolean {
  return formOf(wire.type).isConsistent(wire);
}

/**
 * Converts a command to the payload that a lane takes.
 * @param wire consistent
 * @param opened the values that `sealedIn` lists, in clear; null: erased, so the command can no longer be decided
 */
export function fromWire(wire: WireCommand, opened: readonly (string | null)[]): CommandPayload {
  return formOf(wire.type).fromWire(wire, opened);
}

function formOf<Type extends CommandType>(type: Type): WireForm<CommandPayloadOf<Type>, WireCommand<Type>> {
  return commandDefinitions[type].form;
}
