import type * as OpenApi from '@nestjs/swagger';

const waiting: ((openApi: typeof OpenApi) => void)[] = [];

/**
 * Describes an operation to OpenAPI.
 * @param extension what the document is completed by, under a name that begins with `x-`
 */
export function describedOperation(
  options: OpenApi.ApiOperationOptions,
  extension: { readonly name: string; readonly value: object },
): MethodDecorator {
  return (target, method, descriptor) => {
    waiting.push(({ ApiExtension, ApiOperation }) => {
      ApiOperation(options)(target, method, descriptor);
      ApiExtension(extension.name, extension.value)(target, method, descriptor);
    });
  };
}

/** Leaves the routes of a controller out of the API description: they are described elsewhere. */
export function notDescribed(): ClassDecorator {
  return (controller) => {
    waiting.push(({ ApiExcludeController }) => {
      ApiExcludeController()(controller);
    });
  };
}

/** Describes a field of a body or query to OpenAPI. */
export function describedField(options: OpenApi.ApiPropertyOptions): PropertyDecorator {
  return (target, field) => {
    waiting.push(({ ApiProperty }) => {
      ApiProperty(options)(target, field);
    });
  };
}

/**
 * Loads @nestjs/swagger and applies its decorators to everything that is described. Not before somebody asks for the
 * API description: few processes are ever asked, and every start would pay for that library.
 */
export async function loadOpenApi(): Promise<typeof OpenApi> {
  const openApi = await import('@nestjs/swagger');
  for (const describe of waiting.splice(0)) describe(openApi);
  return openApi;
}
