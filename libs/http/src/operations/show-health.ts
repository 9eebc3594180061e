import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Operation } from '../edge/operation.js';
import { HEALTH, type Health } from '../edge/ports.js';
import { status } from '../problem.js';

@Controller('health')
export class ShowHealthController {
  constructor(@Inject(HEALTH) private readonly health: Health) {}

  @Get('live')
  @Operation({
    id: 'live',
    tag: 'Operations',
    summary: 'Whether the process runs',
    access: null,
    answer: { status: status.ok, description: 'It runs.', schema: 'Liveness' },
  })
  live(): object {
    return { status: 'live' };
  }

  @Get('ready')
  @Operation({
    id: 'ready',
    tag: 'Operations',
    summary: 'Whether it can take requests',
    description: 'Ready: the database answers, the lanes are ours, the key registry is fresh, the projections run.',
    access: null,
    answer: { status: status.ok, description: 'Every part is ready.', schema: 'Readiness' },
    alsoAnswers: [status.unavailable],
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const parts = await this.health.parts();
    const ready = Object.values(parts).every((missing) => missing === null);
    if (!ready) void reply.code(status.unavailable);
    return {
      status: ready ? 'ready' : 'not_ready',
      parts: Object.fromEntries(Object.entries(parts).map(([name, missing]) => [name, missing ?? 'ready'])),
    };
  }
}
