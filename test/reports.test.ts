/**
 * Reports from the door, on the real engine: one shuts nothing, two different people's put a meeting on hold for everybody,
 * and the clinic's look lifts it.
 */
import { expect, test } from 'vitest';
import { withLook } from '../src/core/knowledge.ts';
import type { Plan } from '../src/core/plan.ts';
import type { Person } from '../src/core/records.ts';
import { Lists } from '../src/engine/lists.ts';
import { ownClinic } from '../src/engine/program.ts';
import { hour, Rig, reference as shared, start, zone } from './rig.ts';

const meeting = 'demo-kristiansand-fredag';
const plan: Plan = {
  ...{ id: `${meeting}@2026-11-20`, meeting, name: 'Fredagsankeret', fellowship: 'NA', openness: 'open' },
  ...{ date: '2026-11-20', starts: start + hour, minutes: 60, zone, where: null, online: null, notes: '' },
  made: start - hour,
};
const given = (): Partial<Person> => ({
  consents: { channel: { given: true, at: start } },
  place: { label: '4611', postcode: '4611', lat: 58.14, lon: 7.99 },
  plans: [plan],
});

async function reports(rig: Rig, address: string): Promise<void> {
  await rig.seat(address, given());
  await rig.says(address, 'plan');
  await rig.taps(address, 'lost');
  await rig.taps(address, 'closed');
  await rig.taps(address, 'closed');
}

test('two people find the door closed, and nobody is sent there until the clinic has looked', async () => {
  const reference = { ...shared };
  const rig = await Rig.open({ reference });
  const { directory } = rig.engine;
  const lists = new Lists({ vault: rig.vault, directory, clinic: ownClinic, clock: rig.clock, reference });
  const shown = async () => {
    await lists.show();
    return reference.meetings.get(meeting) !== undefined;
  };
  await reports(rig, 'ada');
  expect(await shown()).toBe(true);
  expect((await rig.person('ada'))?.plans).toEqual([]);
  await reports(rig, 'ada');
  expect(await shown()).toBe(true);
  await reports(rig, 'berit');
  expect(await shown()).toBe(false);
  expect(await lists.known()).toMatchObject([
    { meeting, reports: [{ kind: 'door-closed' }, { kind: 'door-closed' }] },
  ]);

  expect(await lists.learn(meeting, (known) => withLook(known, { by: 'ab', at: rig.clock.now() }))).toBe(
    true,
  );
  expect(await shown()).toBe(true);
  expect(await lists.learn('nothing', (known) => known)).toBe(false);
});
