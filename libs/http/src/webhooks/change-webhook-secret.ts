import { Body, Controller, Inject, Param, Patch, Req, Res } from '@nestjs/common';
import type { Clock } from '@ringfence/kernel/clock';
import { parseWebhookSecretId } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, ownAccountOf } from '../edge/access.js';
import { commandBody } from '../edge/command-body.js';
import { DecidedEvents } from '../edge/decided-events.js';
import { Operation } from '../edge/operation.js';
import { CLOCK } from '../edge/ports.js';
import { PersonalValues } from '../edge/reading.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';
import { SecretUses } from './secret-uses.js';
import { noUses, secretBody, valueBody } from './webhook-secret-bodies.js';

class ChangeWebhookSecretBody extends commandBody('change_webhook_secret') {}

@Controller('api/v1/secrets')
export class ChangeWebhookSecretController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(DecidedEvents) private readonly decided: DecidedEvents,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(SecretUses) private readonly uses: SecretUses,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Patch(':secret_id')
  @Operation({
    id: 'changeWebhookSecret',
    tag: 'Webhooks',
    summary: 'Rename or rotate a webhook secret',
    description:
      'With `rotate` it gets a new value, which is in this answer and nowhere else; the previous one signs beside it for the overlap, and a value from before that no longer.',
    access: { scopes: ['webhooks:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The secret.', schema: 'WebhookSecretWithValue' },
    command: true,
    problems: ['not_found', 'validation_failed', 'webhook_secret_unknown'],
  })
  async change(
    @Param('secret_id') idText: string,
    @Body(validatedBody(ChangeWebhookSecretBody)) body: ChangeWebhookSecretBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = ownAccountOf(callerOf(request));
    const secretId = parseWebhookSecretId(idText);
    if (secretId === undefined) throw edgeProblem('not_found', 'there is no such secret');
    // Before the command, because a new value would be lost with an answer that fails.
    const uses = await this.uses.after(request, [secretId]);
    const named = Object.assign(body, { secret_id: secretId });
    const accepted = await this.commands.submit(request, reply, 'change_webhook_secret', named, accountId);
    const rotates = body.rotate === true;
    const event = rotates
      ? await this.decided.at(accepted.position, 'WebhookSecretRotated')
      : await this.decided.at(accepted.position, 'WebhookSecretRenamed');
    const [opened] = await this.personal.open([event], ['name']);
    void reply.header('cache-control', 'no-store');
    const secret = { ...event, accountId, name: opened?.values.name ?? null };
    const value = accepted.commandRequest.secret?.text ?? null;
    return {
      ...secretBody(secret, uses.get(secretId) ?? noUses, this.clock.now()),
      ...valueBody(value, rotates && accepted.replayed),
    };
  }
}
