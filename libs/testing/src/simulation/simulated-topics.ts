import { topicsOf } from '@ringfence/wire/topics';

/** Number of lanes, lower than in a real cluster, so that accounts share them. */
export const simulatedLanes = 3;
export const simulatedTopics = topicsOf('simulated');
