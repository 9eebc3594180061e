import { all, type Answers, bothWays, type Mode, ofCall, type Row, type World } from './mode-rows.js';

/** A leg that no call has: the refusal is the same whether the call is answered or not. */
const noLeg = 'cl_01K9Z000000000000000000000';
const answers: Answers = { live: all(404), test: bothWays(404, 409), operator: all(403) };
const mutation = (name: string, body: object): Row => ({
  of: (world: World, mode: Mode) => ({
    method: 'POST',
    path: `${ofCall(world, mode)}/${name}`,
    body: { leg_id: noLeg, ...body },
  }),
  answers,
});

/** Mutations of a live call, which operators do not request. */
export const callMutationRows = {
  muteLeg: mutation('mute', { on: true }),
  sendDigits: mutation('dtmf', { digits: '1' }),
  playMedia: mutation('play', { media_url: 'https://example.com/a.mp3' }),
};
