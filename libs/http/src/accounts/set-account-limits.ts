import { Body, Controller, Inject, Param, Patch, Req, Res } from '@nestjs/common';
import { REQUEST_BUILDERS, type RequestBuilders } from '@ringfence/requests/request-builders';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { EventStore } from '@ringfence/ports/log/event-store';
import { invariant } from '@ringfence/kernel/invariant';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Mode } from '@ringfence/domain/shared/values';
import { publicCommands } from '@ringfence/wire/public-commands';
import { accountFor, callerOf } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { EVENT_STORE, LOG_NAME, type LogName } from '../edge/ports.js';
import { positionFrom } from '../edge/positions.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { BodyField } from '../edge/fields.js';
import { limitsBody } from './account-body.js';

const { fields } = publicCommands.set_account_limits;

/** What is left out stays as it is. */
export class SetAccountLimitsBody {
  @BodyField(fields.mode, { says: 'Whose calls they bound.' })
  mode!: Mode;

  @BodyField(fields.lines_max, { says: 'Calls at the same time, of all keys of the mode together.', example: 500 })
  lines_max?: number | null;

  @BodyField(fields.calls_per_second, { says: 'New calls a second in the long run, of all keys of the mode together.' })
  calls_per_second?: number | null;

  @BodyField(fields.burst_calls, {
    says: 'Calls that may come at once after a rest; as `calls_per_second` where that alone is given.',
  })
  burst_calls?: number | null;

  @BodyField(fields.daily_spend_micros_max, {
    says: 'Money that calls may cost in one local day of the account, reservations included; null: no limit but the balance.',
  })
  daily_spend_micros_max?: string | null;
}

@Controller('api/v1/accounts')
export class SetAccountLimitsController {
  constructor(
    @Inject(CommandSubmission) private readonly submission: CommandSubmission,
    @Inject(REQUEST_BUILDERS) private readonly drafts: RequestBuilders,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(LOG_NAME) private readonly log: LogName,
  ) {}

  @Patch(':account_id/limits')
  @Operation({
    id: 'setAccountLimits',
    tag: 'Accounts',
    summary: 'Set the limits of an account',
    description:
      'They hold for the next call; calls that live are not cut. Fields that are left out stay as they are. What an operator sets is approved by that: the account’s own keys move within it.',
    access: { scopes: ['accounts:admin'], operatorsOnly: false, modes: 'account' },
    answer: { status: status.ok, description: 'The limits from now on.', schema: 'AccountLimitsSet' },
    command: true,
    problems: ['not_found', 'mode_not_allowed', 'account_unknown', 'limits_invalid', 'limits_not_approved'],
  })
  async set(
    @Param('account_id') accountIdText: string,
    @Body(validatedBody(SetAccountLimitsBody)) body: SetAccountLimitsBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = accountFor(caller, accountIdText, 'path');
    const draft = await this.drafts.set_account_limits(body, this.submission.asking(caller, accountId, request));
    const { position } = await this.submission.submit(caller, draft, request, reply);
    // What came of the change stands in its event alone: the same for whoever asks again, whatever has been set since.
    const [recorded] = await this.store.readAll(positionFrom(position, this.log.logId), 1);
    const event = recorded === undefined ? undefined : decodeRecorded(recorded).data;
    invariant(event?.type === 'AccountLimitsSet', 'accepted limits stand at the position of their outcome');
    return { id: accountId, ...limitsBody(event.mode, event), position };
  }
}
