import { commandBody } from '../edge/command-body.js';

/** The policy of a key, as a client writes it. */
export class PolicyFields extends commandBody('change_key_policy') {}
