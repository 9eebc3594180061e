import type { Provider, Type } from '@nestjs/common';

/** The routes of one context, in the order of the API description, and what they share. */
export type ContextRoutes = {
  readonly controllers: readonly Type[];
  readonly providers: readonly Provider[];
};
