import { describe, expect, it } from '@jest/globals';
import { ringKeysMax } from '@ringfence/runtime/key-ring';
import { ConfigError, configFrom, testReachesLoopback, urlOf } from './config.js';
import { configKeys } from './config-keys.js';

describe('the configuration', () => {
  it('needs nothing: every setting has a default or is optional', () => {
    expect(configFrom({})).toMatchObject({
      port: 7350,
      host: '127.0.0.1',
      databaseUrl: null,
      sandboxSpeed: 1,
      trustedProxies: [],
      proxyHeader: 'x-forwarded-for',
      outboundAllow: [],
    });
    expect([...configFrom({}).roles]).toEqual(['gateway', 'decider', 'projector', 'carrier']);
  });

  it('treats an empty value as unset', () => {
    expect(configFrom({ RINGFENCE_PORT: '', RINGFENCE_MASTER_KEY: '' })).toMatchObject({ port: 7350, masterKey: null });
  });

  it.each([
    ['RINGFENCE_PORT', '65536'],
    ['RINGFENCE_PORT', '7350x'],
    ['RINGFENCE_HOST', 'a b'],
    ['DATABASE_URL', 'mysql://localhost'],
    ['RINGFENCE_ROLES', 'gateway,queen'],
    ['RINGFENCE_SANDBOX_SPEED', '0'],
    ['RINGFENCE_DRAIN_MS', '10001'],
    ['RINGFENCE_LOG_HOT_EVENTS', '1023'],
    ['RINGFENCE_LOG_LEVEL', 'loud'],
    ['RINGFENCE_TRUSTED_PROXIES', 'example.com'],
    ['RINGFENCE_PROXY_HEADER', 'X-Real-IP, Forwarded'],
    ['RINGFENCE_OUTBOUND_ALLOW', '10.0.0.1'],
    ['RINGFENCE_OUTBOUND_ALLOW', '10.0.0.0/8,all'],
    ['RINGFENCE_TRUSTED_PROXIES', 'abc'],
    ['RINGFENCE_TRUSTED_PROXIES', '1.2.3.4/99'],
    ['RINGFENCE_TRUSTED_PROXIES', '10.0.0.0/0'],
    ['RINGFENCE_TRUSTED_PROXIES', 'fe80::/129'],
    ['RINGFENCE_TRUSTED_PROXIES', '1.2.3'],
    ['RINGFENCE_TRUSTED_PROXIES', '1.2.3.4,'],
    ['KAFKA_BROKERS', 'kafka:65536'],
    ['KAFKA_BROKERS', 'kafka:0'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ])('refuses %s=%s in one line that names it', (name, value) => {
    expect(() => configFrom({ [name]: value })).toThrow(ConfigError);
    expect(() => configFrom({ [name]: value })).toThrow(new RegExp(`^${name} must be [^\\n]+$`));
  });

  it('believes proxies by address and by block', () => {
    const proxies = '10.0.0.1, 192.168.0.0/16,::1, fd00::/8';
    expect(configFrom({ RINGFENCE_TRUSTED_PROXIES: proxies }).trustedProxies).toEqual([
      '10.0.0.1',
      '192.168.0.0/16',
      '::1',
      'fd00::/8',
    ]);
  });

  const key = (id: string) => `${id}:${Buffer.alloc(32, id).toString('base64')}`;
  const ofEight = Array.from({ length: ringKeysMax }, (_, at) => key(`k${String(at)}`));

  it.each(['RINGFENCE_MASTER_KEY', 'RINGFENCE_PEPPER', 'RINGFENCE_CLUSTER_KEY', 'RINGFENCE_COMMAND_KEY'])(
    'accepts a ring of as many keys as a ring may have (%s), and refuses one more and a duplicate id',
    (name) => {
      expect(() => configFrom({ [name]: ofEight.join(',') })).not.toThrow();
      for (const wrong of [
        [...ofEight, key('one-more')],
        [key('k1'), key('k2'), key('k1')],
      ]) {
        const reading = () => configFrom({ [name]: wrong.join(',') });
        expect(reading).toThrow(ConfigError);
        expect(reading).toThrow(new RegExp(`^${name} must be 1 to 8 keys, [^\\n]+$`));
        expect(reading).toThrow(expect.objectContaining({ message: expect.not.stringContaining('one-more') }));
      }
    },
  );

  it.each([
    ['RINGFENCE_MASTER_KEY', 'k1:c2VjcmV0'],
    ['RINGFENCE_PEPPER', 'secretsecret'],
  ])('never repeats an invalid secret (%s)', (name, value) => {
    expect(() => configFrom({ [name]: value })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('ecret') }),
    );
  });

  it('refuses an unknown name and suggests the closest one', () => {
    expect(() => configFrom({ RINGFENCE_PROT: '1' })).toThrow('did you mean RINGFENCE_PORT?');
    expect(() => configFrom({ RINGFENCE_SOMETHING_ELSE_ALTOGETHER: '1' })).toThrow(/is not a setting of Ringfence$/);
  });

  it.each([
    ['RINGFENCE_KAFKA_COPIES', 'RINGFENCE_KAFKA_REPLICATION_FACTOR'],
    ['RINGFENCE_VOUCH_KEY', 'RINGFENCE_CLUSTER_KEY'],
  ])('refuses %s, a name of an earlier release, and names the present one: %s', (old, present) => {
    expect(() => configFrom({ [old]: '3' })).toThrow(
      new ConfigError(`${old} is not a setting of Ringfence; did you mean ${present}?`),
    );
    expect(Object.values(configKeys).map(({ name }) => name)).toContain(present);
  });

  it('says which roles need a decider in the same process', () => {
    expect(() => configFrom({ RINGFENCE_ROLES: 'gateway,projector' })).toThrow('gateway needs decider');
    expect(() => configFrom({ RINGFENCE_ROLES: 'carrier' })).toThrow('carrier needs decider');
    expect([...configFrom({ RINGFENCE_ROLES: 'projector' }).roles]).toEqual(['projector']);
  });

  it('describes every key', () => {
    for (const { name, description, expected } of Object.values(configKeys)) {
      expect(name).toMatch(/^[A-Z_]+$/);
      expect(description.length * expected.length).toBeGreaterThan(0);
    }
  });

  it.each([
    [{}, true],
    [{ RINGFENCE_HOST: 'localhost' }, true],
    [{ RINGFENCE_HOST: '::1' }, true],
    [{ RINGFENCE_HOST: '0.0.0.0' }, false],
    [{ RINGFENCE_HOST: '127.evil.example' }, false],
    [{ DATABASE_URL: 'postgres://127.0.0.1/ringfence' }, false],
  ])('lets requests of test mode reach this machine with %j: %s', (environment, reaches) => {
    expect(testReachesLoopback(configFrom(environment))).toBe(reaches);
  });

  it('writes a reachable root for an address that means all of them', () => {
    expect(urlOf('0.0.0.0', 80)).toBe('http://127.0.0.1:80');
    expect(urlOf('::1', 80)).toBe('http://[::1]:80');
  });
});
