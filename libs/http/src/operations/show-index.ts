import { Controller, Get } from '@nestjs/common';
import { Operation } from '../edge/operation.js';
import { status } from '../problem.js';
import { release } from './release.js';

/** Addresses relative to `/api/v1`, so that they also work below a proxy's path prefix. */
export const indexLinks = {
  docs: 'docs',
  openapi: 'docs/openapi.json',
  asyncapi: 'docs/asyncapi.json',
  problems: 'docs/problems',
  calls: 'v1/voice/calls',
  health: '../health/ready',
} as const;

@Controller('api/v1')
export class ShowIndexController {
  @Get()
  @Operation({
    id: 'showIndex',
    tag: 'Operations',
    summary: 'Where to go from here',
    access: null,
    answer: { status: status.ok, description: 'The name, the version, and where the rest is.', schema: 'ApiIndex' },
  })
  index(): object {
    return { name: 'Ringfence', version: release, links: indexLinks };
  }
}
