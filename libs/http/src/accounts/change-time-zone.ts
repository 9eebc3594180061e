import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { REQUEST_BUILDERS, type RequestBuilders } from '@ringfence/requests/request-builders';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { EventStore } from '@ringfence/ports/log/event-store';
import { invariant } from '@ringfence/kernel/invariant';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { publicCommands } from '@ringfence/wire/public-commands';
import { accountFor, callerOf } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { EVENT_STORE, LOG_NAME, type LogName } from '../edge/ports.js';
import { positionFrom } from '../edge/positions.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { BodyField } from '../edge/fields.js';
import { zoneChangeBody } from './account-body.js';

const { fields } = publicCommands.change_time_zone;

export class ChangeTimeZoneBody {
  @BodyField(fields.time_zone, { says: 'IANA name of the zone of its day boundaries.', example: 'America/New_York' })
  time_zone!: string;
}

@Controller('api/v1/accounts')
export class ChangeTimeZoneController {
  constructor(
    @Inject(CommandSubmission) private readonly submission: CommandSubmission,
    @Inject(REQUEST_BUILDERS) private readonly drafts: RequestBuilders,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(LOG_NAME) private readonly log: LogName,
  ) {}

  @Post(':account_id/time-zone')
  @Operation({
    id: 'changeTimeZone',
    tag: 'Accounts',
    summary: 'Change the time zone of an account',
    description:
      'In force from the end of the account’s local day on; until then it can be changed again, or back. Calls and spend of days that are over stay where they are.',
    access: { scopes: ['accounts:admin'], operatorsOnly: false, modes: 'account' },
    answer: { status: status.ok, description: 'When the new zone comes into force.', schema: 'AccountTimeZoneChanged' },
    command: true,
    problems: [
      'not_found',
      'mode_not_allowed',
      'account_unknown',
      'time_zone_invalid',
      'time_zone_disputed',
      'time_zone_unchanged',
    ],
  })
  async change(
    @Param('account_id') accountIdText: string,
    @Body(validatedBody(ChangeTimeZoneBody)) body: ChangeTimeZoneBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = accountFor(caller, accountIdText, 'path');
    const draft = await this.drafts.change_time_zone(body, this.submission.asking(caller, accountId, request));
    const { position } = await this.submission.submit(caller, draft, request, reply);
    // What came of the change stands in its event alone: the same for whoever asks again, whatever has been set since.
    const [recorded] = await this.store.readAll(positionFrom(position, this.log.logId), 1);
    const event = recorded === undefined ? undefined : decodeRecorded(recorded).data;
    invariant(event?.type === 'AccountTimeZoneChanged', 'an accepted change stands at the position of its outcome');
    return { id: accountId, ...zoneChangeBody(event), position };
  }
}
