// Jest runs this after the last test file.
export { close as default } from './shared-broker.mjs';
