import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { warningBodies } from '../calls/warnings.js';
import { callerOf, ownAccountOf } from '../edge/access.js';
import { commandBody } from '../edge/command-body.js';
import { DecidedEvents } from '../edge/decided-events.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { status } from '../problem.js';
import { VoiceAppReader } from './voice-app-reader.js';

class CreateVoiceAppBody extends commandBody('create_voice_app') {}

@Controller('api/v1/voice/apps')
export class CreateVoiceAppController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(DecidedEvents) private readonly decided: DecidedEvents,
    @Inject(VoiceAppReader) private readonly apps: VoiceAppReader,
  ) {}

  @Post()
  @Operation({
    id: 'createVoiceApp',
    tag: 'Apps',
    summary: 'Create a voice app',
    description:
      'It belongs to the mode of the key; an account has at most 1,000 in each mode. `warnings` names every field of the request that has no effect in this release.',
    access: { scopes: ['apps:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.created, description: 'The app.', schema: 'VoiceAppWithWarnings' },
    command: true,
    problems: [
      'validation_failed',
      'voice_apps_exhausted',
      'app_secret_unknown',
      'answering_key_unusable',
      'app_number_unknown',
    ],
  })
  async create(
    @Body(validatedBody(CreateVoiceAppBody)) body: CreateVoiceAppBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = ownAccountOf(callerOf(request));
    const { position, result } = await this.commands.submit(request, reply, 'create_voice_app', body, accountId);
    const { appId, mode, settings, numberIds } = await this.decided.at(position, 'VoiceAppCreated');
    const app = { ...settings, appId, mode, accountId };
    const shown = await this.apps.created(request, app, numberIds.length);
    return { ...shown, warnings: warningBodies(result['warnings']) };
  }
}
