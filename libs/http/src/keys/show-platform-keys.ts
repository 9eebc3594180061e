import { Controller, Get, Inject } from '@nestjs/common';
import { scopes } from '@ringfence/domain/shared/scopes';
import { audienceOf } from '@ringfence/wire/signed-command';
import { Operation } from '../edge/operation.js';
import { COMMAND_TOPICS, type CommandTopics, LOG_NAME, type LogName } from '../edge/ports.js';
import { edgeProblem, status } from '../problem.js';

@Controller('api/v1/platform-keys')
export class ShowPlatformKeysController {
  constructor(
    @Inject(COMMAND_TOPICS) private readonly commandTopics: CommandTopics | null,
    @Inject(LOG_NAME) private readonly log: LogName,
  ) {}

  @Get()
  @Operation({
    id: 'getPlatformKeys',
    tag: 'Keys',
    summary: 'What a signed command needs of the platform',
    description:
      'The audience to sign for, the keys to encrypt personal values to (the first is the one to use), and the topics. Any key may ask. See docs/backend.md.',
    access: { scopes: [...scopes], operatorsOnly: false, modes: 'shared' },
    answer: { status: status.ok, description: 'Audience, keys and topics.', schema: 'PlatformKeys' },
    problems: ['not_found'],
  })
  show(): object {
    if (this.commandTopics === null)
      throw edgeProblem('not_found', 'this platform runs without Kafka: commands come over HTTP alone');
    const { encryption, topics, partitions } = this.commandTopics;
    const { commands, replies, events, watermarks } = topics;
    return {
      audience: audienceOf(this.log.logId),
      encryption: { keys: encryption },
      topics: { commands, replies, events, watermarks },
      partitions,
    };
  }
}
