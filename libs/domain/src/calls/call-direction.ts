/** `outbound`: placed through the platform; `inbound`: brought by a carrier. */
export const callDirections = ['outbound', 'inbound'] as const;
export type CallDirection = (typeof callDirections)[number];
