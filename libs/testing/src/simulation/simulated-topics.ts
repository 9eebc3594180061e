import { topicsOf } from '@ringfence/messaging/topics';

/** Fewer than in earnest, so that accounts share them. */
export const simulatedLanes = 3;
export const simulatedTopics = topicsOf('simulated');
