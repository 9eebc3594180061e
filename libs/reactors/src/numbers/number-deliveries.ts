import type { CommandDispatcher, CommandPayloadOf, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import type { NumberAdded } from '@ringfence/domain/inventory/inventory.events';
import type { RefusalCode } from '@ringfence/domain/refusals';
import type { SealedText } from '@ringfence/domain/shared/values';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { Clock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import { invariant } from '@ringfence/kernel/invariant';
import { type AccountId, type CommandId, inventoryStream, type NumberId } from '@ringfence/kernel/ids';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import type { EventStore } from '@ringfence/ports/log/event-store';

/** Time after which an undecided command is refused. */
const deadlineMs = durationMs(60_000);
/** Refusals by which a step was taken before, or never can be. After any other its command may yet be accepted. */
const final: ReadonlySet<RefusalCode> = new Set(['number_undeliverable', 'number_already_received', 'number_unknown']);

export type NumberDeliveryParts = {
  readonly store: Pick<EventStore, 'readSubject'>;
  readonly dispatcher: CommandDispatcher;
  readonly vault: Pick<SubjectVault, 'open' | 'seal'>;
  readonly clock: Clock;
  /** Identifies this process. */
  readonly owner: string;
};

/**
 * Takes numbers from the inventory to their accounts and back. Each step has one command id for ever: however often it
 * is repeated, after whatever crash, it has one outcome.
 */
export class NumberDeliveries {
  constructor(private readonly parts: NumberDeliveryParts) {}

  /**
   * Hands the number over to its account; if there is no such account, returns it to the inventory.
   * @throws Failure `number_not_delivered` (retryable): the account cannot decide at the moment; `vault_unavailable`
   *   (retryable); the dispatcher's
   */
  async deliver(added: NumberAdded): Promise<void> {
    const { type: _type, addedAtMs: _addedAtMs, ...allocated } = added;
    const { numberId, accountId } = allocated;
    const received = await this.#dispatch(`receive:${numberId}`, accountId, {
      ...allocated,
      type: 'ReceiveNumber',
      ownNumber: await this.#sealedFor(accountId, added),
    });
    // Final: the outcome is kept, so that the account will never receive the number under this id.
    if (received === 'number_undeliverable') await this.release(numberId, accountId, 'undeliverable');
  }

  /** The number as a subject of the account: what its calls present is the same subject. */
  async #sealedFor(accountId: AccountId, { number }: NumberAdded): Promise<SealedText> {
    const { vault } = this.parts;
    const [text] = await vault.open([number]);
    invariant(typeof text === 'string', 'a number of the platform’s stock is never erased');
    return vault.seal(accountId, text);
  }

  /** Delivers a number that is named by its id. @throws as `deliver` */
  async deliverById(numberId: NumberId): Promise<void> {
    const [first] = await this.parts.store.readSubject(numberId, 1);
    const added = first === undefined ? undefined : decodeRecorded(first).data;
    if (added?.type === 'NumberAdded') await this.deliver(added);
  }

  /** Returns a number to the inventory. @throws as `deliver` */
  async release(
    numberId: NumberId,
    accountId: AccountId,
    reason: CommandPayloadOf<'ReleaseNumber'>['reason'],
  ): Promise<void> {
    const payload = { type: 'ReleaseNumber', numberId, accountId, reason } as const;
    await this.#dispatch(`release:${numberId}`, inventoryStream, payload);
  }

  /** @returns the code of a final refusal; undefined: accepted, now or before */
  async #dispatch(
    commandId: string,
    stream: SubmittedCommand['stream'],
    payload: SubmittedCommand['payload'],
  ): Promise<RefusalCode | undefined> {
    const { dispatcher, clock, owner } = this.parts;
    const outcome = await dispatcher.dispatch({
      commandId: commandId as CommandId,
      // An earlier process may have sent it.
      idChosenByClient: true,
      fingerprint: noFingerprint,
      stream,
      principal: { kind: 'worker', workerId: `numbers:${owner}` },
      payload,
      result: {},
      deadlineMs: addDuration(clock.now(), deadlineMs),
      traceparent: null,
    });
    if (outcome.accepted) return undefined;
    const { code } = outcome.refusal;
    if (final.has(code)) return code;
    throw new Failure('number_not_delivered', `${payload.type} of ${commandId} was not decided: ${code}`, true);
  }
}

/** Commands under one id are the same step: there are no fields to compare. */
const noFingerprint = new Uint8Array(32);
