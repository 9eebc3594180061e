import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Operation } from '../edge/operation.js';
import { METRICS_TEXT, type MetricsText } from '../edge/ports.js';
import { status } from '../problem.js';

@Controller()
export class ShowMetricsController {
  constructor(@Inject(METRICS_TEXT) private readonly metrics: MetricsText) {}

  @Get('metrics')
  @Operation({
    id: 'metrics',
    tag: 'Operations',
    summary: 'Metrics in Prometheus’ text format',
    access: null,
    answer: { status: status.ok, description: 'Every metric.', schema: 'MetricsText', mediaType: 'text/plain' },
  })
  async metricsText(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', this.metrics.contentType);
    return this.metrics.text();
  }
}
