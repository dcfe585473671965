/**
 * The simulation: a small run finds nothing wrong with the program, and the account behind it notices what is done wrong
 * on purpose: a reminder lost, doubled, late, at night, or sent to somebody who asked for silence.
 */
import { expect, test } from 'vitest';
import { loadReference } from '../src/engine/program.ts';
import { type Ledger, settleAccount } from '../src/tools/simulate-account.ts';
import type { Standing } from '../src/tools/simulate-demands.ts';
import { rehearse } from '../src/tools/simulate-run.ts';

const zone = 'Europe/Oslo';
const at = (local: string) => Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds;

/** Somebody who plans on the first of June to go on the third at 19:00, and changes nothing. */
const standing: Standing = {
  at: at('2026-06-01T10:00'),
  person: 'one',
  forgotten: null,
  away: false,
  plans: [
    {
      id: 'meeting@2026-06-03',
      name: 'A meeting',
      starts: at('2026-06-03T19:00'),
      minutes: 60,
      made: at('2026-06-01T10:00'),
    },
  ],
  quiet: { from: '22:00', to: '09:00' },
  zone,
  agreed: true,
  discreet: false,
  paused: null,
  stopped: false,
  crisis: false,
  later: null,
  aftermath: null,
  silences: [],
  ended: [],
};

const due = ['2026-06-02T19:00', '2026-06-03T17:00'] as const;

const account = (moments: readonly string[], under: Standing = standing) => {
  const received: Ledger['received'] = moments.map((moment) => ({
    at: at(moment),
    purpose: 'reminder',
    text: 'A meeting',
    neutral: false,
    under: 0,
  }));
  return settleAccount({ standings: [under], received }, at('2026-06-03T20:00'));
};
const wrong = (...given: Parameters<typeof account>) => account(...given).wrong.map(({ wrong }) => wrong);

test('both reminders at their times are right', () => {
  expect(account(due)).toMatchObject({ due: 2, sent: 2, wrong: [] });
});

test('a reminder that never came is lost', () => {
  expect(wrong(due.slice(0, 1))).toEqual(['lost']);
});

test('one that came twice is seen', () => {
  expect(wrong([...due, due[1]])).not.toEqual([]);
});

test('one that came two hours late is seen', () => {
  expect(wrong(['2026-06-02T21:00', due[1]])).not.toEqual([]);
});

test('one at night is seen', () => {
  expect(wrong([...due, '2026-06-03T03:00'])).toContain('in-quiet-hours');
});

test('one to somebody who asked for silence is seen', () => {
  expect(wrong(due, { ...standing, stopped: true })).toContain('silenced');
});

test('a small run of patients finds nothing wrong', async () => {
  const reference = loadReference('content/meetings/demo.yaml');
  const totals = await rehearse({ patients: 12, days: 35, seed: 11, start: '2026-03-01', zone, reference });
  expect(totals.faults).toEqual([]);
  expect(totals.reminders.sent).toBeGreaterThan(10);
  expect(totals.reminders).toMatchObject({ lost: 0, late: 0, doubled: 0, 'in-quiet-hours': 0 });
});
