import { publicCommandNames, publicCommands } from '@ringfence/wire/public-commands';
import { bodySchemaOf } from '../edge/command-body.js';

/** Bodies of requests that are no commands. */
const others = {
  FlowReplyBody: { call_id: 'cs_01ARZ3NDEKTSV4RRFFQ69G5FAV', step: 1, status: 200, body: '{"action":"hangup"}' },
};

/** One complete body for each schema of a request, by the schema's name. */
export const bodyExamples: Readonly<Record<string, object>> = {
  ...Object.fromEntries(publicCommandNames.map((name) => [bodySchemaOf(name), publicCommands[name].example])),
  ...others,
};
