import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { Ports } from '../edge/ports.module.js';
import { operationsRoutes } from './operations.routes.js';

/** Health and metrics alone, for a process that is no gateway: it loads nothing of the API. */
@Module({})
export class OperationsModule {
  /** @param ports HEALTH and METRICS_TEXT */
  static with(ports: readonly Provider[]): DynamicModule {
    return {
      module: OperationsModule,
      imports: [Ports.with(ports)],
      controllers: [...operationsRoutes.controllers],
      providers: [...operationsRoutes.providers],
    };
  }
}
