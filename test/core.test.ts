/**
 * The core as a whole: whatever happens in whatever order, a decision is made, always the same one, and what it says
 * about the person, the timers and the messages holds together. Then the tables and lists it goes by: purposes,
 * commands, and the words that must or must not be taken for danger.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Command, commandNames } from '../src/core/commands.ts';
import { decide } from '../src/core/decide.ts';
import type { Decision, Outgoing } from '../src/core/decision.ts';
import { waits } from '../src/core/dialog/schema.ts';
import type { Event, Happening, LinkState } from '../src/core/event.ts';
import { mayGo, type Purpose, purposes, type Reach } from '../src/core/purpose.ts';
import type { Clinic, Invitation, Person } from '../src/core/records.ts';
import { isQuiet } from '../src/core/time.ts';
import type { World } from '../src/core/turn.ts';
import { day, hour, minute, reference, start, zone } from './rig.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

const clinic: Clinic = { v: 1, id: 'clinic', name: 'Oppdiktet klinikk', reads: 'på hverdager', zone };
const invited: Invitation = {
  ...{ v: 1, id: 'invitation', clinic: clinic.id, alias: 'Solsikke', discharge: null, young: false },
  ...{ made: start, expires: start + 14 * day, taken: null },
};
const nothing: Decision = {
  ...{ person: null, erase: false, put: [], drop: [], said: [], facts: [] },
  timers: { set: [], clear: [] },
};

/** Stands in what people type, and must stand nowhere afterwards. */
const marked = 'xqzw';

/** One person's life as the engine would live it, without a store. */
class Life {
  now = start;
  person: Person | null = null;
  invitation: Invitation | null;
  /** What the store has, by the decisions' own word. */
  timers = new Map<string, number>();
  last: Outgoing[] = [];
  #events = 0;

  constructor(invitation: Invitation | null) {
    this.invitation = invitation;
  }

  /** Another life that goes on from here. */
  again(): Life {
    const life = new Life(this.invitation);
    life.now = this.now;
    life.person = this.person;
    life.timers = new Map(this.timers);
    life.last = this.last;
    life.#events = this.#events;
    return life;
  }

  happen(happening: Happening): Decision {
    const id = `event-${++this.#events}`;
    const seed = this.#events.toString(16).padStart(10, '0');
    const event: Event = { id, at: this.now, seed, ...happening };
    const { channel, address } = { channel: 'telegram', address: '4711' };
    const world: World = {
      ...{ person: this.person, clinic, invitation: this.invitation, knowledge: null, reference },
      arrival: {
        ...{
          person: `person-${this.#events}`,
          clinic: clinic.id,
          language: 'nb',
          chat: { channel, address },
        },
        invitation: this.invitation?.id ?? null,
      },
    };
    freeze([world.person, world.arrival, world.clinic, world.invitation, event]);
    const decision = decide(world, event);
    expect(decide(world, event)).toEqual(decision);
    // A timer that the record does not know by this moment is over.
    if (event.kind === 'due' && this.person?.timers[event.matter] !== event.due)
      expect(decision).toEqual({ ...nothing, person: this.person });
    this.#check(decision, event, world);
    this.#take(decision);
    return decision;
  }

  #check({ person, erase, said, put }: Decision, event: Event, world: World): void {
    if (erase) {
      expect(person).toBeNull();
      expect(said.every(({ purpose }) => purpose === 'farewell')).toBe(true);
    }
    for (const { text, buttons, purpose, language } of said) {
      expect(text.trim().length).toBeGreaterThan(0);
      expect(text.length).toBeLessThanOrEqual(4096);
      expect(['nb', 'nn', 'en']).toContain(language);
      for (const button of buttons) {
        expect(button.label.trim().length).toBeGreaterThan(0);
        if ('data' in button) expect(Buffer.byteLength(button.data)).toBeLessThanOrEqual(64);
        else expect(button.url).toMatch(/^https:\/\//);
      }
      // What nobody asked for comes only when its time has come, and never where the table says no.
      if (!purposes[purpose].unprompted) continue;
      expect(['due', 'missed']).toContain(event.kind);
      expect(mayGo(purpose, this.now, world.person, this.now)).not.toHaveProperty('drop');
    }
    if (!person) return;
    expect(person.frames.length).toBeLessThanOrEqual(3);
    expect(new Set(person.frames.map(({ wait }) => wait)).size).toBe(person.frames.length);
    const records = put.filter(({ key }) => key.kind !== 'diary').map(({ value }) => value);
    // A diary line is on its way from the question to the diary.
    const kept = {
      ...person,
      frames: person.frames.map(({ vars: { line: _, ...vars }, ...f }) => ({ ...f, vars })),
    };
    expect(JSON.stringify([kept, records])).not.toContain(marked);
  }

  #take({ person, erase, said, put, timers }: Decision): void {
    this.person = person;
    if (said.length > 0) this.last = said;
    for (const { key, value } of put) if (key.kind === 'invitation') this.invitation = value as Invitation;
    if (erase) this.timers.clear();
    for (const matter of timers.clear) this.timers.delete(matter);
    for (const { matter, due } of timers.set) this.timers.set(matter, due);
    expect(Object.fromEntries(this.timers)).toEqual(person?.timers ?? {});
  }

  /** Lets the next timer happen, so much after its moment; every one that is due then follows. */
  wake(late: number): void {
    const next = Math.min(...this.timers.values());
    if (!Number.isFinite(next)) return;
    this.now = Math.max(this.now, next + late);
    for (let fired = 0; ; fired++) {
      const due = [...this.timers].find(([, at]) => at <= this.now);
      if (!due) return;
      expect(fired).toBeLessThan(60);
      this.happen({ kind: 'due', matter: due[0], due: due[1] });
    }
  }
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}

type Step = (life: Life) => void;

const does =
  (happening: Happening): Step =>
  (life) =>
    void life.happen(happening);
const link = fc.constantFrom<LinkState>('none', 'open', 'mine', 'taken', 'expired', 'unknown');
const typed = fc.oneof(
  fc.constantFrom(
    ...['ja', 'nei', '4611', '4625', 'Oslo', 'Nes', 'Bø', 'meny', 'pause', 'stopp', 'hjelp', 'planen min'],
    ...['mine data', 'slett', 'vanskelig', 'orker ikke mer', 'har tatt alle tablettene', '1', '2', '99'],
  ),
  fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => `${text} ${marked}`),
  fc.constant(`${marked} `.repeat(2000)),
);
const taps: fc.Arbitrary<Step> = fc.nat({ max: 30 }).map((n) => (life) => {
  const offered = life.last.flatMap(({ buttons }) => buttons.filter((button) => 'data' in button));
  const [wait = '', choice = ''] = offered[n % Math.max(1, offered.length)]?.data.split('.') ?? [];
  life.happen({ kind: 'tapped', wait, choice });
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: taps },
  { weight: 8, arbitrary: typed.map((text) => does({ kind: 'said', text })) },
  { weight: 1, arbitrary: typed.map((text) => does({ kind: 'edited', text })) },
  { weight: 1, arbitrary: typed.map((text) => does({ kind: 'unreadable', text })) },
  { weight: 1, arbitrary: fc.constant(does({ kind: 'unreadable' })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      does({ kind: 'located', lat: 58.15, lon: 7.98 }),
      does({ kind: 'located', lat: 0, lon: 0 }),
    ),
  },
  { weight: 2, arbitrary: link.map((state) => does({ kind: 'opened', link: state })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.string({ maxLength: 12 }), fc.constantFrom('o0', 'o9', 'show', 'yes', '__proto__', ''))
      .map(([wait, choice]) => does({ kind: 'tapped', wait, choice })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<Happening>(
        { kind: 'left' },
        { kind: 'returned' },
        { kind: 'unreachable' },
        { kind: 'missed', channel: 'telegram' },
        { kind: 'due', matter: 'plan', due: start },
        { kind: 'due', matter: 'constructor', due: start },
      )
      .map(does),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(0, minute, 5 * hour, 3 * day).map(
      (late): Step =>
        (life) =>
          life.wake(late),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 0, max: 2 * day }).map(
      (wait): Step =>
        (life) => {
          life.now += wait;
        },
    ),
  },
);

describe('a decision', () => {
  const live = (steps: Step[], from: Life) => {
    const life = from.again();
    for (const one of steps) one(life);
  };
  const choose =
    (choice: string): Step =>
    (life) => {
      const wait = life.person?.frames.at(-1)?.wait ?? '';
      life.happen({ kind: 'tapped', wait, choice });
    };
  const moveIn = [does({ kind: 'opened', link: 'open' }), choose('nb'), choose('yes')];
  const settleIn = [
    ...[does({ kind: 'said', text: '4611' }), choose('o2'), choose('yes'), choose('yes'), choose('meeting')],
    ...[choose('o0'), choose('yes'), choose('yes')],
  ];

  test('is made for a stranger, whatever happens in whatever order, and is always the same', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => live(steps, new Life(null))),
      { numRuns: 300 },
    );
  });

  test('is made for an invited person likewise', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) =>
        live([...moveIn, ...steps], new Life(invited)),
      ),
      { numRuns: 300 },
    );
  });

  const settled = new Life(invited);
  for (const one of [...moveIn, ...settleIn]) one(settled);

  test('is made for somebody with a plan likewise', () => {
    expect(settled.person?.plans).toHaveLength(1);
    expect(settled.timers.get('plan')).toBeGreaterThan(start);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => live(steps, settled)),
      { numRuns: 300 },
    );
  });

  test('is made from every question of every dialogue on', () => {
    const places = [...reference.dialogues.values()].flatMap(({ id, steps }) =>
      Object.entries(steps).flatMap(([name, asked]) => (waits(asked) ? [{ dialogue: id, step: name }] : [])),
    );
    expect(places.length).toBeGreaterThan(200);
    for (const place of places) {
      const there: Step = (life) => {
        if (!life.person) return;
        const { id: plan = '', date = '', fellowship = '' } = life.person.plans[0] ?? {};
        const vars = { plan, date, fellowship, picked: plan };
        const frame = { ...place, wait: 'there', purpose: 'answer' as const, vars };
        life.person = {
          ...life.person,
          frames: [{ ...frame, cited: [], options: [], veiled: true, silence: null }],
        };
        life.happen({ kind: 'tapped', wait: 'there', choice: 'show' });
      };
      fc.assert(
        fc.property(fc.array(step, { maxLength: 8 }), (steps) => live([there, ...steps], settled)),
        { numRuns: 1 },
      );
    }
  });
});

describe('the table of purposes', () => {
  const noon = start;
  const night = Date.parse('2026-11-18T22:30:00Z');
  const morning = Date.parse('2026-11-19T08:00:00Z');
  const usual: Reach = {
    ...{ zone, quiet: { from: '22:00', to: '09:00' }, paused: null, stopped: false, crisis: null },
    reachable: true,
  };
  const states: Record<string, { person: Partial<Reach>; at: number }> = {
    usual: { person: {}, at: noon },
    night: { person: {}, at: night },
    paused: { person: { paused: noon + 1 }, at: noon },
    'pause over': { person: { paused: noon }, at: noon },
    stopped: { person: { stopped: true }, at: noon },
    crisis: { person: { crisis: { since: noon } }, at: noon },
    unreachable: { person: { reachable: false }, at: noon },
  };
  /** How each purpose fares in these states, and how many hours it stays worth sending. */
  const table: Record<Purpose, [string, number]> = {
    safety: ['go go go go go go go', 48],
    answer: ['go go go go go go go', 48],
    farewell: ['go go go go go go go', 24],
    aftercare: ['go hold go go drop go drop', 48],
    reminder: ['go hold drop go drop drop drop', 6],
    'check-in': ['go hold drop go drop drop drop', 48],
    nudge: ['go hold drop go drop drop drop', 48],
  };

  test.each(Object.entries(table))('%s', (name, [expected, hours]) => {
    const purpose = name as Purpose;
    const fares = Object.values(states).map(({ person, at }) => {
      const leave = mayGo(purpose, at, { ...usual, ...person }, at);
      return leave.go ? 'go' : 'hold' in leave ? 'hold' : 'drop';
    });
    expect(fares.join(' ')).toBe(expected);
    const lasts = hours * hour;
    expect(purposes[purpose].lasts).toBe(lasts);
    for (const person of [usual, null]) {
      expect(mayGo(purpose, noon - lasts, person, noon)).toEqual({ go: true });
      expect(mayGo(purpose, noon - lasts - 1, person, noon)).toEqual({ go: false, drop: 'too-late' });
    }
  });

  test('is complete', () => {
    expect(Object.keys(table).sort()).toEqual(Object.keys(purposes).sort());
  });

  test('holds until the quiet hours end, and not a moment longer', () => {
    expect(mayGo('check-in', night, usual, night)).toEqual({ go: false, hold: morning });
    expect(mayGo('check-in', night, usual, morning - 1)).toEqual({ go: false, hold: morning });
    expect(mayGo('check-in', night, usual, morning)).toEqual({ go: true });
  });

  test('puts safety before answers, and answers before what comes by itself', () => {
    const first = purposes.safety.priority;
    for (const [name, { priority, unprompted }] of Object.entries(purposes)) {
      if (name !== 'safety') expect(priority, name).toBeGreaterThan(first);
      if (unprompted) expect(priority, name).toBeGreaterThan(purposes.answer.priority);
    }
  });

  test('in whatever state, says go, or holds to a later waking moment, or drops', () => {
    const time = fc
      .integer({ min: 0, max: 1439 })
      .map((m) => new Date(m * minute).toISOString().slice(11, 16));
    const anybody = fc.record({
      zone: fc.constantFrom('Europe/Oslo', 'Australia/Lord_Howe', 'America/Nuuk'),
      quiet: fc.record({ from: time, to: time }),
      paused: fc.option(fc.integer({ min: start - day, max: start + 200 * day })),
      stopped: fc.boolean(),
      crisis: fc.option(fc.constant({ since: start })),
      reachable: fc.boolean(),
    });
    const purpose = fc.constantFrom(...(Object.keys(purposes) as Purpose[]));
    const ages = fc.integer({ min: 0, max: 3 * day });
    fc.assert(
      fc.property(purpose, anybody, fc.nat({ max: 150 * day }), ages, (which, person, from, age) => {
        const now = start + from;
        const leave = mayGo(which, now - age, person, now);
        if (leave.go || !('hold' in leave)) return;
        expect(leave.hold).toBeGreaterThan(now);
        expect(isQuiet(leave.hold, person.quiet, person.zone)).toBe(false);
        expect(isQuiet(leave.hold - 1, person.quiet, person.zone)).toBe(true);
      }),
    );
  });
});

describe('commands', () => {
  const { commands } = reference;
  const written = ['nb', 'en'].flatMap((language) => {
    const file: Record<string, string[]> = parse(readFileSync(`content/${language}/commands.yaml`, 'utf8'));
    return commandNames.flatMap((name) => (file[name] ?? []).map((way): [string, Command] => [way, name]));
  });

  test.each(written)('"%s" is %s, however it is written', (way, name) => {
    for (const text of [way, way.toUpperCase(), `  ${way}!! `, `/${way}`, `«${way}».`, `${way} 🙂`]) {
      expect(commands.intent(text), text).toBe(name);
    }
  });

  test.each([
    ...[
      'jeg vil stoppe å drikke',
      'stopp drikkingen',
      'hjelp til flytting',
      'planen er å ikke gå',
      'slett ikke',
    ],
    ...[
      '',
      '   ',
      '🙂',
      '/',
      'ja men nei',
      'neida',
      'help yourself',
      'menyen var god',
      `stopp ${'x'.repeat(300)}`,
    ],
  ])('"%s" is none', (text) => {
    expect(commands.intent(text)).toBeNull();
  });

  test('nothing else is one, and nothing breaks it', () => {
    const ways = new Set(written.map(([way]) => way));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const found = commands.intent(text);
        if (found !== null)
          expect([...ways].some((way) => text.toLowerCase().includes(way.slice(0, 2)))).toBe(true);
      }),
    );
  });
});

describe('danger', () => {
  const explicit: Record<'imminent' | 'ask' | 'harmless', string[]> = parse(
    readFileSync('test/danger/explicit.yaml', 'utf8'),
  );
  /** How urgent it is; craving and relapse are no danger. */
  const urgency = (text: string) => {
    const seen = reference.freeText.danger.look(text);
    return seen && seen.urgency !== 'none' ? seen.urgency : null;
  };

  test.each(explicit.imminent)('shows help at once for: %s', (text) => {
    expect(urgency(text)).toBe('imminent');
  });

  test.each(explicit.ask)('asks about: %s', (text) => {
    expect(urgency(text)).toBe('possible');
  });

  test.each(explicit.harmless)('makes nothing of: %s', (text) => {
    expect(urgency(text)).toBeNull();
  });

  test('is seen in any writing, and wherever it stands in a longer text', () => {
    for (const text of explicit.ask) {
      for (const way of [
        text.toUpperCase(),
        `Hei!\n${text}.`,
        `${text}, sier jeg`,
        `«${text}»`,
        `  ${text}  `,
      ]) {
        expect(urgency(way), way).not.toBeNull();
      }
    }
  });

  test('nothing that is typed breaks it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 4000 }), (text) => {
        expect([null, 'possible', 'imminent']).toContain(urgency(text));
      }),
    );
    // A search that ran wild on these would never end.
    for (const text of ['har tatt '.repeat(2000), 'orker '.repeat(3000), 'a'.repeat(20_000)]) urgency(text);
  });
});
