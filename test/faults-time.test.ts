/**
 * What time can do to reminders: thousands due in one minute, a clock that jumps an hour to and fro, and the two nights
 * on which the clocks change. Each reminder comes once, by day, and at the time on the wall. In the short form there are
 * fewer people; `npm run test:faults` has ten thousand.
 */
import { expect, test } from 'vitest';
import type { Plan } from '../src/core/plan.ts';
import { type Person, personKey } from '../src/core/records.ts';
import { moments } from '../src/core/rules/reminders.ts';
import type { Millis } from '../src/core/time.ts';
import { ownClinic } from '../src/engine/program.ts';
import { emptyCommit } from '../src/store/store.ts';
import { Chance } from '../src/tools/chance.ts';
import { StageClock } from '../src/tools/stage.ts';
import { planAfter } from './enrolled.ts';
import { momentOf } from './faults/crowd.ts';
import { day, hour, minute, Rig, reference, zone } from './rig.ts';

const long = process.env.FAULTS === 'long';
/** Ends only what hangs. */
const patience = long ? 900_000 : 60_000;
const seed = Number(process.env.SEED ?? (long ? Date.now() % 1_000_000 : 20_261_122));
const kinds = ['day-before', 'two-hours', 'check-in', 'check-in-again'] as const;
/** Telegram's own. */
const pace = { overall: 25, each: 1, burst: 3 };

/** A clock that a machine may set back. */
class JumpingClock extends StageClock {
  by: Millis = 0;

  override now(): Millis {
    return super.now() + this.by;
  }

  override real(): Millis {
    return this.now();
  }
}

/** Somebody with this plan, and the timer that leads to its first moment. */
async function planner(rig: Rig, address: string, plan: Plan): Promise<Person> {
  const at = rig.clock.now();
  const yes = { given: true, at };
  const before = await rig.seat(address, {
    ...{ consents: { channel: yes, reminders: yes }, plans: [plan], discreet: false, fellowships: ['AA'] },
  });
  const [first] = moments(plan, before);
  const person = { ...before, timers: { plan: first?.at ?? 0 } };
  await rig.vault.commit(rig.engine.directory.partitionOf(ownClinic), {
    ...emptyCommit(at),
    put: [{ key: personKey(person.id), version: 2, value: person }],
    timers: { set: [{ owner: person.id, matter: 'plan', due: first?.at ?? 0 }], clear: [] },
  });
  return person;
}

/** Whose reminder of which kind came when. */
function reminded(rig: Rig): Map<string, Millis[]> {
  const came = new Map<string, Millis[]>();
  for (const { at, address, message } of rig.channel.got) {
    const labels = message.buttons.map(({ label }) => label);
    const kind = momentOf({ kind: 'text', text: message.text, labels });
    const name = `${address} ${kind}`;
    came.set(name, [...(came.get(name) ?? []), at]);
  }
  return came;
}

test(
  'of thousands that are due in the same minute each comes once, at the platform’s pace',
  async () => {
    const count = long ? 10_000 : 1_000;
    const rig = await Rig.open({ pace });
    const plan = planAfter(reference.meetings, rig.clock.now() + 2 * day, rig.clock.now());
    const people = Array.from({ length: count }, (_, i) => `chat-${i}`);
    for (const address of people) await planner(rig, address, plan);
    const [first] = moments(plan, { quiet: { from: '22:00', to: '09:00' }, zone });
    rig.clock.set(first?.at ?? 0);
    expect(await rig.worker.fireDue()).toBe(count);
    expect(await rig.worker.fireDue()).toBe(0);
    await rig.goOn(hour);
    expect(rig.channel.got).toHaveLength(count);
    expect(reminded(rig)).toEqual(
      new Map(people.map((address) => [`${address} day-before`, [expect.anything()]])),
    );
    const ats = rig.channel.got.map(({ at }) => at);
    // Nothing is later than the pace forces.
    expect((ats.at(-1) ?? 0) - (ats[0] ?? 0)).toBeLessThan((count / pace.overall) * 1000 + minute);
    const busiest = ats.map((at, i) => ats.slice(i, i + 40).filter((other) => other < at + 1000).length);
    expect(Math.max(...busiest)).toBeLessThan(30);
  },
  patience,
);

test(
  'a clock that jumps an hour to and fro neither loses a reminder nor doubles one',
  async () => {
    for (let round = 0; round < (long ? 200 : 20); round++) {
      const chance = new Chance(seed, round);
      const clock = new JumpingClock(Date.parse('2026-11-18T09:30:00Z') + chance.between(0, 6) * day);
      const rig = await Rig.open({ clock, pace });
      const plan = planAfter(reference.meetings, clock.now() + 2 * day, clock.now());
      const people = ['ada', 'berit', 'cato'];
      for (const address of people) await planner(rig, address, plan);
      const end = plan.starts + 5 * day;
      while (clock.now() < end) {
        // An hour ahead and half an hour on: what is due two hours before can still be of use.
        clock.set(clock.now() - clock.by + chance.between(1, 30) * minute);
        if (chance.hits(0.3))
          clock.by = Math.max(-hour, Math.min(hour, clock.by + chance.between(-1, 1) * hour));
        await rig.worker.fireDue();
        await rig.deliver();
      }
      clock.by = 0;
      await rig.worker.fireDue();
      await rig.deliver();
      const came = reminded(rig);
      const expected = people.flatMap((address) => kinds.map((kind) => `${address} ${kind}`));
      expect([...came.keys()].sort(), `SEED=${seed}, round ${round}`).toEqual(expected.sort());
      expect([...came.values()].map((ats) => ats.length)).toEqual(expected.map(() => 1));
      await rig.store.close();
    }
  },
  patience,
);

test.for([
  ['summer time', '2027-03-24T10:00:00Z'],
  ['winter time', '2026-10-20T10:00:00Z'],
])(
  'over the night of the change to %s each comes once, by day and at the time on the wall',
  async (given) => {
    const [, begins = ''] = given;
    const clock = new StageClock(Date.parse(begins));
    const rig = await Rig.open({ clock });
    // A Monday evening: its day before is the Sunday on which the clocks have changed, in the night.
    const plan = planAfter(reference.meetings, clock.now() + 3 * day, clock.now());
    await planner(rig, 'ada', plan);
    const end = plan.starts + 5 * day;
    while (clock.now() < end) {
      const due = await rig.store.nextMoment(clock.now());
      clock.set(Math.min(due ?? end, end));
      await rig.worker.fireDue();
      await rig.deliver();
    }
    const wall = (at: Millis | undefined) =>
      Temporal.Instant.fromEpochMilliseconds(at ?? 0)
        .toZonedDateTimeISO(zone)
        .toPlainDateTime()
        .toString()
        .slice(0, 16);
    const came = reminded(rig);
    const starts = Temporal.PlainDateTime.from(wall(plan.starts));
    const on = (days: number, time: string) => `${starts.toPlainDate().add({ days })}T${time}`;
    expect(Object.fromEntries([...came].map(([name, ats]) => [name, ats.map(wall)]))).toEqual({
      'ada day-before': [on(-1, '19:00')],
      'ada two-hours': [on(0, '17:00')],
      'ada check-in': [on(1, '10:00')],
      'ada check-in-again': [on(4, '12:00')],
    });
  },
);
