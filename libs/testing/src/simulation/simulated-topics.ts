import { topicsOf } from '@ringfence/wire/topics';

/** Fewer than in earnest, so that accounts share them. */
export const simulatedLanes = 3;
export const simulatedTopics = topicsOf('simulated');
