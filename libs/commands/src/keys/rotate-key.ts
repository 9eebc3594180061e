import { duration, secretDigest, text } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { keyFields } from '../wire-fields.js';

export const rotateKey = defineCommand<'RotateKey'>({
  name: 'rotate_key',
  version: 1,
  fields: { ...keyFields, digest: secretDigest, secretHint: text('secretHint'), overlapMs: duration },
  allowedWhileDraining: false,
});
