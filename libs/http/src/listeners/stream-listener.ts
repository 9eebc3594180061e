import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccountCallEvents } from '../calls/account-call-events.js';
import { CallEventSender } from '../calls/call-event-sender.js';
import { CallEventSubscriptions } from '../calls/call-event-subscriptions.js';
import { lastEventOf } from '../calls/last-event-id.js';
import { streamAnswer, tooManyStreams } from '../calls/stream-operation.js';
import { Operation } from '../edge/operation.js';
import { LOG_NAME, type LogName } from '../edge/ports.js';
import { listeningCaller } from './listening-caller.js';
import { ListenerMessages } from './listener-messages.js';

@Controller('api/v1/listener')
export class StreamListenerController {
  constructor(
    @Inject(CallEventSubscriptions) private readonly subscriptions: CallEventSubscriptions,
    @Inject(AccountCallEvents) private readonly events: AccountCallEvents,
    @Inject(CallEventSender) private readonly sender: CallEventSender,
    @Inject(ListenerMessages) private readonly messages: ListenerMessages,
    @Inject(LOG_NAME) private readonly log: LogName,
  ) {}

  @Get('stream')
  @Operation({
    id: 'streamListener',
    tag: 'Webhooks',
    summary: 'A copy of the webhooks of a test key’s calls, and their flow requests',
    description:
      'For `ringfence listen`. Server-sent events about the calls that this key has placed or answered: `webhook`, a copy of what endpoints get and in its order, whether or not the call has an endpoint; `flow_request`, where the flow’s URL has the host `listener.invalid`, to be answered with replyToFlowRequest. Nothing is signed: its receiver signs what it passes on. `Last-Event-ID` continues after that event. The stream ends when its key is revoked, and at the next heartbeat when the key expires or loses the scope; it counts as a stream of call events.',
    access: { scopes: ['webhooks:write'], operatorsOnly: false, modes: 'own' },
    answer: {
      ...streamAnswer,
      description: 'Server-sent events. The last one is `stream.closed`, with the reason. A comment comes every 15 s.',
      schema: 'ListenerStream',
    },
    problems: ['mode_not_allowed', 'position_invalid', 'position_of_other_log', 'too_many_waiting'],
  })
  async stream(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { accountId, keyId } = listeningCaller(request);
    const after = lastEventOf(request, this.log.logId);
    const filter = { accountId, mode: 'test', callId: null, keyId } as const;
    const subscription = this.subscriptions.open(filter, accountId);
    if (subscription === undefined) throw tooManyStreams();
    try {
      if (after === null) subscription.begin();
      const asked = { filter, after, reader: { keyId, account: accountId } };
      await this.sender.send(request, reply, (until) => this.events.batches(asked, subscription, until), this.messages);
    } finally {
      subscription.close();
    }
  }
}
