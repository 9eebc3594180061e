import { type DynamicModule, Module, type Provider } from '@nestjs/common';

/** The ports behind the edge, for every module of the process. */
@Module({})
export class Ports {
  static with(ports: readonly Provider[]): DynamicModule {
    const providers = [...ports];
    const tokens = providers.map((provider) => (typeof provider === 'function' ? provider : provider.provide));
    return { module: Ports, global: true, providers, exports: tokens };
  }
}
