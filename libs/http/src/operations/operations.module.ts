import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { Ports } from '../edge/ports.module.js';
import { operationsRoutes } from './operations.routes.js';

/** Only health and metrics, for a process that is no gateway: nothing of the API is loaded. */
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
