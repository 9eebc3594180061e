import type { Provider, Type } from '@nestjs/common';

/** The routes of one context, in the order of the API description, with their common parts. */
export type ContextRoutes = {
  readonly controllers: readonly Type[];
  readonly providers: readonly Provider[];
};
