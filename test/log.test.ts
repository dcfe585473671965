/**
 * What the log keeps and what it leaves out. People's words, names, secrets and the messages of errors must not reach
 * a line, whoever logs them and however; every invented secret here is looked for in the raw line, not in its fields.
 */
import { describe, expect, test } from 'vitest';
import { createLog, type Fields, silentLog } from '../src/log.ts';

const token = '123456789:AAH-invented_token_of_nobody_at_all';

/** The raw lines of what `use` logs. */
function linesOf(
  use: (log: ReturnType<typeof createLog>) => void,
  level: Parameters<typeof createLog>[0] = 'debug',
) {
  const lines: string[] = [];
  use(createLog(level, { write: (line) => lines.push(line) }));
  return lines;
}

const lineOf = (fields: object, text = 'An entry.'): string =>
  linesOf((log) => log.error(fields as Fields, text))[0] ?? '';

test('an entry is one line of JSON with level, time, fields and text', () => {
  const entry = JSON.parse(lineOf({ event: 'turn-parked', eventId: 'tg:77', attempt: 3, due: null }));
  expect(entry).toEqual({
    level: 'error',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    event: 'turn-parked',
    eventId: 'tg:77',
    attempt: 3,
    due: null,
    msg: 'An entry.',
  });
});

test('entries below the level are left out', () => {
  const all = linesOf((log) => {
    for (const level of ['debug', 'info', 'warn', 'error', 'fatal'] as const)
      log[level]({ event: level }, 'An entry.');
  }, 'warn');
  expect(all.map((line) => JSON.parse(line).event)).toEqual(['warn', 'error', 'fatal']);
});

test('a silent log is quiet', () => {
  expect(() => silentLog.fatal({ event: 'x' }, 'Nothing.')).not.toThrow();
});

test('fields that are not listed are dropped', () => {
  const line = lineOf({
    event: 'x',
    text: 'jeg heter Kari',
    name: 'Kari',
    token,
    msg: 'Kari',
    chatId: 4242,
    body: { personId: 'Kari' },
    toJSON: () => 'Kari',
  });
  expect(Object.keys(JSON.parse(line))).toEqual(['level', 'time', 'event', 'msg']);
  expect(line).not.toMatch(/Kari|4242|invented/);
});

test('listed fields hold ids, codes and numbers, no prose and no objects', () => {
  const line = lineOf({
    event: 'jeg heter Kari',
    step: 'Kåre',
    kind: 'K'.repeat(121),
    outcome: { name: 'Kari' },
    code: ['Kari'],
    count: 10n,
    method: `sendMessage/bot${token}`,
    route: '/api/person/:id/*',
  });
  expect(JSON.parse(line)).toMatchObject({
    event: '[dropped]',
    step: '[dropped]',
    kind: '[dropped]',
    method: 'sendMessage/bot[secret]',
    route: '/api/person/:id/*',
  });
  expect(line).not.toMatch(/Kari|Kåre|KK|invented|outcome|code|count/);
});

describe('an error', () => {
  const errorOf = (err: unknown) => {
    const line = lineOf({ event: 'x', err });
    return { line, err: JSON.parse(line).err };
  };

  test('is logged by name, code and place, without its message', () => {
    const { line, err } = errorOf(
      Object.assign(new TypeError('Kari skrev\n    at home: dette'), { code: 'E_PARSE', text: 'Kari' }),
    );
    expect(err).toEqual({
      name: 'TypeError',
      code: 'E_PARSE',
      stack: expect.stringMatching(/^\s+at .*log\.test\.ts/),
    });
    expect(line).not.toMatch(/Kari|dette/);
  });

  test('brings its causes along, even when they go in a ring', () => {
    const inner = Object.assign(new Error('Kari'), { code: 7 });
    const outer = new Error('Kari', { cause: inner });
    expect(errorOf(outer).err.cause).toMatchObject({ name: 'Error', code: 7 });
    inner.cause = outer;
    expect(errorOf(outer).line).not.toContain('Kari');
  });

  test('has no secret in its stack, name or code', () => {
    const err = new Error('x');
    err.stack = [
      `Error: https://api.telegram.org/bot${token}/getMe`,
      `    at get (https://api.telegram.org/bot${token}/getMe:1:2)`,
      `    at parse (file:///app/${token}/a.js)`,
      '    at join (https://blimed.example/join?code=HEMMELIG&b=HEMMELIG:3:4)',
      '    at join (https://blimed.example/#HEMMELIG)',
      '    at call (https://user:HEMMELIG@blimed.example/)',
      '    at call (bot123%3AHEMMELIG)',
    ].join('\n');
    err.name = 'jeg heter Kari';
    const { line, err: logged } = errorOf(Object.assign(err, { code: `${token}` }));
    expect(line).not.toMatch(/HEMMELIG|invented|Kari/);
    expect(logged).toMatchObject({ name: '[dropped]', code: '[secret]' });
    expect(logged.stack).toContain('at join (https://blimed.example/join?[secret])');
  });

  test('may be anything that was thrown', () => {
    for (const thrown of ['Kari', { message: 'Kari' }, null, ['Kari']]) {
      const { line, err } = errorOf(thrown);
      expect(err.name).toMatch(/^thrown (string|object)$/);
      expect(line).not.toContain('Kari');
    }
  });
});

test('the text is redacted too, and no placeholder in it is filled', () => {
  const line = linesOf((log) =>
    (log.info as (...all: unknown[]) => void)(
      { event: 'x' },
      `Asked bot${token} at https://a.example/b?c=HEMMELIG %s`,
      'Kari',
    ),
  )[0];
  expect(JSON.parse(line ?? '').msg).toBe('Asked bot[secret] at https://a.example/b?[secret] %s');
});
