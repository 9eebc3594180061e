import { Controller, Get, Inject } from '@nestjs/common';
import { PlatformView } from '@ringfence/lanes/platform-view';
import { Operation } from '../edge/operation.js';
import { status } from '../problem.js';

@Controller('api/v1/number-ranges')
export class ListNumberRangesController {
  constructor(@Inject(PlatformView) private readonly platform: PlatformView) {}

  @Get()
  @Operation({
    id: 'listNumberRanges',
    tag: 'Numbers',
    summary: 'Ranges that operators have opened',
    description:
      'In the order in which they were recorded; of one prefix the range with the latest beginning counts. Operators only.',
    access: { scopes: ['accounts:admin'], operatorsOnly: true },
    answer: { status: status.ok, description: 'The ranges.', schema: 'NumberRangeList' },
    list: true,
  })
  async list(): Promise<object> {
    const { loaded } = await this.platform.current();
    return {
      data: loaded.state.openedRanges.map(({ prefix, territory, kind, effectiveFromMs, effectiveUntilMs }) => ({
        prefix,
        territory,
        kind,
        effective_from: new Date(effectiveFromMs).toISOString(),
        effective_until: effectiveUntilMs === null ? null : new Date(effectiveUntilMs).toISOString(),
      })),
    };
  }
}
