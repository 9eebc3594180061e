export const keyRegistryName = 'key_registry';
/** Raise it when the rows would come out differently. */
export const keyRegistryVersion = 3;
