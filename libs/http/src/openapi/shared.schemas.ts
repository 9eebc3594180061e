import { listOf, type NamedSchemas, object, oneOf, text, whole } from '../edge/json-schema.js';

const retryKey = {
  ...text,
  description: 'With 503 and 504 of a command: the Idempotency-Key that leads to this very command.',
};

export const sharedSchemas: NamedSchemas = {
  TelerError: {
    type: 'object',
    description: 'How the Teler group says no. Status 422 adds `errors`.',
    properties: {
      success: { const: false },
      message: text,
      code: text,
      type: text,
      idempotency_key: retryKey,
      errors: listOf(object({ loc: listOf({ type: ['string', 'integer'] }), msg: text, type: text })),
    },
    required: ['success', 'message', 'code', 'type'],
    additionalProperties: false,
  },
  Problem: {
    type: 'object',
    description: 'RFC 9457. `code` is what programs may rely on.',
    properties: {
      type: {
        type: 'string',
        format: 'uri-reference',
        description: 'Leads, relative to the request, to the page that says what the code means.',
      },
      title: text,
      status: whole,
      detail: text,
      code: text,
      position: text,
      idempotency_key: retryKey,
      errors: listOf({
        type: 'object',
        properties: {
          in: oneOf(['body', 'query', 'path', 'header']),
          pointer: text,
          parameter: text,
          rule: text,
          detail: text,
        },
        required: ['in', 'rule', 'detail'],
        additionalProperties: false,
      }),
    },
    required: ['type', 'title', 'status', 'detail', 'code'],
    additionalProperties: false,
  },
};
