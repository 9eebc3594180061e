import { playbackEnd } from '@ringfence/event-catalog/calls';
import { id } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { callFields } from '../wire-fields.js';

export const recordPlaybackEnd = defineCommand<'RecordPlaybackEnd'>({
  name: 'record_playback_end',
  version: 1,
  fields: { ...callFields, operationId: id('op'), ...playbackEnd },
  allowedWhileDraining: false,
});
