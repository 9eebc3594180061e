import { type NamedSchemas, object, oneOf, text } from '../edge/json-schema.js';
import { indexLinks } from './show-index.js';

export const operationsSchemas: NamedSchemas = {
  ApiIndex: object(
    {
      name: { const: 'Ringfence' },
      version: text,
      links: object(
        Object.fromEntries(Object.keys(indexLinks).map((name) => [name, { type: 'string', format: 'uri-reference' }])),
        'Relative to the address of this answer.',
      ),
    },
    'Where to go from here.',
  ),
  Liveness: object({ status: { const: 'live' } }),
  Readiness: object({
    status: oneOf(['ready', 'not_ready']),
    parts: { type: 'object', additionalProperties: text, description: 'Every part: `ready`, or what it lacks.' },
  }),
  MetricsText: { type: 'string' },
};
