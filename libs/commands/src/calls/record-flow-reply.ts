import type { FlowReply } from '@ringfence/domain/calls/call.commands';
import { flowAction, flowFault } from '@ringfence/event-catalog/call-flows';
import { count, listOf, objectOf, oneOf, variantsOf } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { callFields } from '../wire-fields.js';

type ReplyOf<Kind> = Extract<FlowReply, { readonly kind: Kind }>;

export const recordFlowReply = defineCommand<'RecordFlowReply'>({
  name: 'record_flow_reply',
  version: 1,
  fields: {
    ...callFields,
    step: count,
    reply: variantsOf<FlowReply>({
      program: objectOf<ReplyOf<'program'>>({
        kind: oneOf(['program']),
        action: flowAction,
        rest: listOf(flowAction),
      }),
      failed: objectOf<ReplyOf<'failed'>>({ kind: oneOf(['failed']), fault: flowFault }),
    }),
  },
  allowedWhileDraining: false,
});
