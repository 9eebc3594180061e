import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { platformStream } from '@ringfence/kernel/ids';
import { idPattern } from '@ringfence/wire/field-rule';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { accountFor, callerOf } from '../edge/access.js';
import { Text } from '../edge/fields.js';
import { Operation } from '../edge/operation.js';
import { LOG_NAME, type LogName } from '../edge/ports.js';
import { validatedQuery } from '../edge/validated.js';
import { AccountCallEvents } from './account-call-events.js';
import { CallEventSender } from './call-event-sender.js';
import { CallEventSubscriptions } from './call-event-subscriptions.js';
import { lastEventOf } from './last-event-id.js';
import { streamAnswer, tooManyStreams } from './stream-operation.js';

class StreamAccountEventsQuery {
  @Text({ description: 'The account; needed with an operator’s key.', charactersMax: 40, pattern: idPattern('acc') })
  account_id?: string | null;
}

@Controller('api/v1/voice/calls')
export class StreamAccountEventsController {
  constructor(
    @Inject(CallEventSubscriptions) private readonly subscriptions: CallEventSubscriptions,
    @Inject(AccountCallEvents) private readonly events: AccountCallEvents,
    @Inject(CallEventSender) private readonly sender: CallEventSender,
    @Inject(LOG_NAME) private readonly log: LogName,
  ) {}

  @Get('events/stream')
  @Operation({
    id: 'streamAccountCallEvents',
    tag: 'Calls',
    summary: 'The events of all calls of an account, as they happen',
    description:
      'Server-sent events, from the moment of the request on; with `Last-Event-ID`, from after that event on: nothing is left out and nothing comes twice. A client that leaves more than 256 KiB unread is cut, and continues with `Last-Event-ID`. The stream ends when its key is revoked, and at the next heartbeat when the key expires or loses the scope.',
    access: { scopes: ['calls:read'], operatorsOnly: false, modes: 'own' },
    answer: streamAnswer,
    problems: ['not_found', 'position_invalid', 'position_of_other_log', 'too_many_waiting'],
  })
  async stream(
    @Query(validatedQuery(StreamAccountEventsQuery)) query: StreamAccountEventsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const after = lastEventOf(request, this.log.logId);
    const { accountId: own, mode, entry } = callerOf(request);
    const accountId = accountFor(callerOf(request), query.account_id, 'query');
    const reader = { keyId: entry.keyId, account: own ?? platformStream };
    const filter = { accountId, mode, callId: null, keyId: null };
    const subscription = this.subscriptions.open(filter, reader.account);
    if (subscription === undefined) throw tooManyStreams();
    try {
      if (after === null) subscription.begin();
      await this.sender.send(request, reply, (until) =>
        this.events.batches({ filter, after, reader }, subscription, until),
      );
    } finally {
      subscription.close();
    }
  }
}
