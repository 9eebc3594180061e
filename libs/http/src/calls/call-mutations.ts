import { Inject, Injectable } from '@nestjs/common';
import { parseCallId } from '@ringfence/kernel/ids';
import type { CommandBody } from '@ringfence/wire/public-commands';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../edge/access.js';
import { CommandSubmission } from '../edge/submission.js';
import { edgeProblem, status } from '../problem.js';
import { warningBodies } from './warnings.js';

type Mutation = 'mute_leg' | 'send_digits' | 'play_media';
type MutationBody<Name extends Mutation> = Omit<CommandBody<Name>, 'call_id'>;

/** The part that the operations of all mutations declare alike. */
export const mutationSpec = {
  tag: 'Calls',
  access: { scopes: ['calls:write'], operatorsOnly: false, modes: 'own' },
  answer: { status: status.ok, description: 'The carrier is asked to do it.', schema: 'Mutation' },
  command: true,
  problems: ['not_found', 'call_unknown', 'call_not_live', 'call_not_controllable', 'leg_not_found'],
} as const;

/** Mutations of a live call, which only a key of its account requests. */
@Injectable()
export class CallMutations {
  constructor(@Inject(CommandSubmission) private readonly commands: CommandSubmission) {}

  /** @throws HttpProblem `not_found` for what is no id of a call; as `CommandSubmission.submit` */
  async submit<Name extends Mutation>(
    name: Name,
    callIdText: string,
    body: MutationBody<Name>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<object> {
    const call_id = parseCallId(callIdText);
    if (call_id === undefined) throw edgeProblem('not_found', 'there is no such call');
    const { accountId } = callerOf(request);
    if (accountId === null)
      throw edgeProblem('scope_not_held', 'a call is controlled with a key of the account that pays for it');
    // The body has every field of the command besides the one in the path.
    const named = { ...body, call_id } as CommandBody<Name>;
    const { result } = await this.commands.submit(request, reply, name, named, accountId);
    const { request_id, playback_id = null, warnings } = result;
    return { request_id, playback_id, warnings: warningBodies(warnings) };
  }
}
