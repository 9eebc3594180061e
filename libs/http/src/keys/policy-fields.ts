import { commandBody } from '../edge/command-body.js';

/** What a key may do, as a client writes it. */
export class PolicyFields extends commandBody('change_key_policy') {}
