import { actionKinds, flowFaultCodes } from '@ringfence/domain/flows/flow-fault';
import {
  id,
  moment,
  type NamedSchemas,
  object,
  oneOf,
  oneOfOrNull,
  ref,
  text,
  textOrNull,
  whole,
  wholeOrNull,
} from '../edge/json-schema.js';
import { deliveredNames } from '@ringfence/wire/webhooks/webhook-body';

export const listenerSchemas: NamedSchemas = {
  ListenerStream: {
    type: 'string',
    description: 'Server-sent events (HTML Living Standard, 9.2); the `data` of each is JSON as `contentSchema` says.',
    contentMediaType: 'text/event-stream',
    contentSchema: { anyOf: [ref('ListenedWebhook'), ref('ListenedFlowRequest')] },
    examples: ['id: log_01K9Z000000000000000000000:42\nevent: webhook\ndata: {"type":"call.ringing"}\n\n'],
  },
  ListenedWebhook: object(
    {
      id: id('evt'),
      type: oneOf(deliveredNames),
      call_id: id('cs'),
      sequence: { ...whole, description: 'Number of the event among those of its call, from 0.' },
      body: { ...text, description: 'The body of the webhook, as it is to be signed and sent.' },
    },
    'A copy of a webhook.',
  ),
  ListenedFlowRequest: object(
    {
      id: { ...text, description: 'Identifies the request: the header `webhook-id`.' },
      call_id: id('cs'),
      step: whole,
      url: { ...text, description: 'The URL of the flow, on the host `listener.invalid`.' },
      answer_before: moment,
      body: { ...text, description: 'The body of the request, as it is to be signed and sent.' },
    },
    'A request of a flow that a listener answers.',
  ),
  RecordedFlowReply: object({
    call_id: id('cs'),
    step: whole,
    action: { ...oneOfOrNull(actionKinds), description: 'The action that has begun; null: there is a fault.' },
    fault: {
      anyOf: [
        object({
          code: oneOf(flowFaultCodes),
          pointer: { ...textOrNull, description: 'JSON Pointer of the member that is wrong.' },
          expected: textOrNull,
          http_status: wholeOrNull,
        }),
        { type: 'null' },
      ],
      description: 'What is wrong with the answer; null: nothing is.',
    },
  }),
};
