import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../edge/access.js';
import { DecidedEvents } from '../edge/decided-events.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { commandBody } from '../edge/command-body.js';
import { publicKeyJwk } from './key-bodies.js';
import { homeOfNewKey } from './key-home.js';
import { openedPolicyBody } from './policy-of.js';
import { PolicyFields } from './policy-fields.js';

class RegisterSigningKeyBody extends commandBody('register_signing_key', PolicyFields) {}

@Controller('api/v1/signing-keys')
export class RegisterSigningKeyController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
    @Inject(DecidedEvents) private readonly decided: DecidedEvents,
  ) {}

  @Post()
  @Operation({
    id: 'registerSigningKey',
    tag: 'Keys',
    summary: 'Register a signing key',
    description:
      'It signs commands on the topic and is not accepted over HTTP. It is listed, changed and revoked as every key, and never rotated: register another and revoke this one.',
    access: { scopes: ['keys:write'], operatorsOnly: false, modes: 'test_below' },
    answer: { status: status.created, description: 'The key.', schema: 'RegisteredSigningKey' },
    command: true,
    problems: [
      'not_found',
      'account_unknown',
      'policy_invalid',
      'public_key_invalid',
      'scope_missing',
      'presenter_not_allowed',
    ],
  })
  async register(
    @Body(validatedBody(RegisterSigningKeyBody)) body: RegisterSigningKeyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = homeOfNewKey(callerOf(request), body.account_id);
    const accepted = await this.commands.submit(request, reply, 'register_signing_key', body, accountId);
    const { policy, parentKeyId } = await this.decided.at(accepted.position, 'SigningKeyRegistered');
    const { publicKey } = accepted.commandRequest.payload;
    return {
      id: accepted.result['key_id'],
      account_id: accountId,
      mode: body.mode,
      parent_key_id: parentKeyId,
      label: body.label,
      kind: 'signing',
      public_key: publicKeyJwk(publicKey),
      ...(await openedPolicyBody(policy, this.vault)),
      position: accepted.position,
    };
  }
}
