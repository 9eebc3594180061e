import { Body, Controller, Inject, Param, Patch, Req, Res } from '@nestjs/common';
import { parseVoiceAppId } from '@ringfence/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { warningBodies } from '../calls/warnings.js';
import { callerOf, ownAccountOf } from '../edge/access.js';
import { commandBody } from '../edge/command-body.js';
import { DecidedEvents } from '../edge/decided-events.js';
import { Operation } from '../edge/operation.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';
import { VoiceAppReader } from './voice-app-reader.js';

class ChangeVoiceAppBody extends commandBody('change_voice_app') {}

@Controller('api/v1/voice/apps')
export class ChangeVoiceAppController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(DecidedEvents) private readonly decided: DecidedEvents,
    @Inject(VoiceAppReader) private readonly apps: VoiceAppReader,
  ) {}

  @Patch(':voice_app_id')
  @Operation({
    id: 'changeVoiceApp',
    tag: 'Apps',
    summary: 'Change a voice app',
    description:
      'Fields that are left out stay as they are; null removes fallback_url, channel_limit and secret_id. `warnings` names every field of the request that has no effect in this release.',
    access: { scopes: ['apps:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The app from now on.', schema: 'VoiceAppWithWarnings' },
    command: true,
    problems: ['not_found', 'validation_failed', 'voice_app_unknown', 'app_secret_unknown', 'answering_key_unusable'],
  })
  async change(
    @Param('voice_app_id') idText: string,
    @Body(validatedBody(ChangeVoiceAppBody)) body: ChangeVoiceAppBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = ownAccountOf(callerOf(request));
    const appId = parseVoiceAppId(idText);
    if (appId === undefined) throw edgeProblem('not_found', 'there is no such voice app');
    const named = Object.assign(body, { voice_app_id: appId });
    const { position, result } = await this.commands.submit(request, reply, 'change_voice_app', named, accountId);
    const { mode, settings } = await this.decided.at(position, 'VoiceAppChanged');
    const shown = await this.apps.changed(request, { ...settings, appId, mode, accountId });
    return { ...shown, warnings: warningBodies(result['warnings']) };
  }
}
