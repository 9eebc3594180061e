import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { Clock } from '@ringfence/kernel/clock';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, ownAccountOf } from '../edge/access.js';
import { commandBody } from '../edge/command-body.js';
import { DecidedEvents } from '../edge/decided-events.js';
import { Operation } from '../edge/operation.js';
import { CLOCK } from '../edge/ports.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { noUses, secretBody, valueBody } from './webhook-secret-bodies.js';

class CreateWebhookSecretBody extends commandBody('create_webhook_secret') {}

@Controller('api/v1/secrets')
export class CreateWebhookSecretController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(DecidedEvents) private readonly decided: DecidedEvents,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @Operation({
    id: 'createWebhookSecret',
    tag: 'Webhooks',
    summary: 'Create a webhook secret',
    description:
      'Its value is in this answer and nowhere else. The same Idempotency-Key gives the same secret without its value. It belongs to the mode of the key; an account has at most 100 in each mode. No webhook is sent in this release, so nothing is signed with it yet.',
    access: { scopes: ['webhooks:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.created, description: 'The secret.', schema: 'WebhookSecretWithValue' },
    command: true,
    problems: ['webhook_secrets_exhausted'],
  })
  async create(
    @Body(validatedBody(CreateWebhookSecretBody)) body: CreateWebhookSecretBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = ownAccountOf(callerOf(request));
    const accepted = await this.commands.submit(request, reply, 'create_webhook_secret', body, accountId);
    const created = await this.decided.at(accepted.position, 'WebhookSecretCreated');
    void reply.header('cache-control', 'no-store');
    const secret = { ...created, accountId, name: body.name, rotatedAtMs: null, overlapUntilMs: null };
    const value = accepted.commandRequest.secret?.text ?? null;
    return { ...secretBody(secret, noUses, this.clock.now()), ...valueBody(value, accepted.replayed) };
  }
}
