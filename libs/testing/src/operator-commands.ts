import type { CommandPayload, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import type { AccountId } from '@ringfence/kernel/ids';
import { epochMs } from '@ringfence/kernel/units';
import { exampleOpening } from './examples.js';
import { FakeClock } from './fake-clock.js';
import { PredictableIds } from './predictable-ids.js';

/** Commands of an operator, as a gateway submits them to the lanes. */
export class OperatorCommands {
  readonly clock = new FakeClock();
  readonly ids = new PredictableIds();

  command(
    payload: CommandPayload & { readonly accountId: AccountId },
    change: Partial<SubmittedCommand> = {},
  ): SubmittedCommand {
    return {
      commandId: this.ids.commandId(),
      idChosenByClient: false,
      fingerprint: Buffer.from('fields'),
      stream: payload.accountId,
      principal: { kind: 'operator', name: 'spec' },
      payload,
      result: { account_id: payload.accountId },
      deadlineMs: epochMs(this.clock.now() + 5_000),
      traceparent: null,
      ...change,
    };
  }

  opening(accountId = this.ids.accountId(), change: Partial<SubmittedCommand> = {}): SubmittedCommand {
    return this.command(exampleOpening(accountId), change);
  }
}
