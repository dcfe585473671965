/**
 * The people before the program: writers, who write and tap without a rest, and planners, who have a plan and wait for
 * its reminders. What they do follows from a seed; when they do it follows from what they hear. They must never do what
 * ends an acquaintance or takes a plan back, or the account could not tell a loss from a wish.
 */
import type { Person as Known } from '../../src/core/records.ts';
import { moments } from '../../src/core/rules/reminders.ts';
import type { Millis } from '../../src/core/time.ts';
import { choiceKey } from '../../src/core/words.ts';
import { loadReference } from '../../src/engine/program.ts';
import { Chance } from '../../src/tools/chance.ts';
import { enrolled, planAfter } from '../enrolled.ts';
import type { FakeTelegram } from '../fakes/telegram.ts';
import type { Received } from '../fakes/telegram-chat.ts';
import type { Person } from '../fakes/telegram-people.ts';

export const reference = loadReference('content/meetings/demo.yaml');
const zone = 'Europe/Oslo';
const day: Millis = 24 * 3_600_000;
const said = [
  'meny',
  'hei',
  'Hva er egentlig AA?',
  'Bor på 4616',
  'jeg vet ikke helt',
  'nei',
  'ja',
  'møter',
  '🙂',
];

const choice = (name: string): string => {
  const [dialogue = '', step = '', id = ''] = name.split('.');
  return reference.words.say('nb', choiceKey(dialogue, step, id), () => '');
};

/** The words of a step before the first thing that is filled in. */
const opening = (key: string): string =>
  reference.words.say('nb', key, () => '\u0000').split('\u0000')[0] ?? '';

const going = choice('reminder.day-before-ask.going');
const forgets = choice('data.delete.yes');
const nearing = opening('reminder.two-hours-ask.say.0');
const asks = opening('reminder.check-in-ask.say.0');
const asksAgain = opening('reminder.check-in-again-ask.say.0');

/** Which of a plan's moments this speaks of; null when of none. */
export function momentOf({
  kind,
  text,
  labels,
}: Pick<Received, 'kind' | 'text' | 'labels'>): ReturnType<typeof moments>[number]['kind'] | null {
  if (kind !== 'text') return null;
  if (text.includes(nearing)) return 'two-hours';
  if (text.includes(asks)) return 'check-in';
  if (text.includes(asksAgain)) return 'check-in-again';
  return labels.includes(going) ? 'day-before' : null;
}

export class Crowd {
  readonly writers: Person[];
  readonly planners: Person[];
  /** Everybody as they lie in the store before the program begins. */
  readonly records: Known[];
  /** When the planners are to hear of their plan. */
  readonly moments: ReturnType<typeof moments>;
  readonly #telegram: FakeTelegram;
  readonly #updates: number[];
  readonly #chances: Map<Person, Chance>;
  readonly #done = new Map<Person, number>();
  #over = Promise.withResolvers<'over'>();
  #resting = true;
  #lives: Promise<void>[] = [];

  /** `updates`: where the number of everything they do is noted. */
  constructor(
    telegram: FakeTelegram,
    updates: number[],
    seed: number,
    size: { writers: number; planners: number; moments: number },
  ) {
    this.#telegram = telegram;
    this.#updates = updates;
    const people = (count: number) => Array.from({ length: count }, () => telegram.user());
    this.writers = people(size.writers);
    this.planners = people(size.planners);
    this.#chances = new Map(this.writers.map((person, i) => [person, new Chance(seed, i + 1)]));
    const now = Date.now();
    const plan = planAfter(reference.meetings, now + 2 * day, now);
    this.moments = moments(plan, { quiet: { from: '22:00', to: '09:00' }, zone }).slice(0, size.moments);
    this.records = [
      ...this.writers.map((person) => enrolled(String(person.id), now)),
      ...this.planners.map((person) => ({ ...enrolled(String(person.id), now), plans: [plan] })),
    ];
  }

  /** The planners write once, so that they may be written to. */
  arrives(): void {
    for (const person of this.planners) this.#does(person, () => person.sends('meny'));
  }

  /** From now on the writers write, until they rest. */
  writes(): void {
    this.#resting = false;
    this.#over = Promise.withResolvers();
    this.#lives = this.writers.map((person) => {
      const chance = this.#chances.get(person) as Chance;
      return this.#life(person, chance, this.#over.promise);
    });
  }

  /** Nobody begins anything any more. */
  async rests(): Promise<void> {
    this.#resting = true;
    this.#over.resolve('over');
    await Promise.all(this.#lives);
  }

  /** How many things this person has done. */
  deeds(person: Person): number {
    return this.#done.get(person) ?? 0;
  }

  /** A few write whether or not anybody is there to read it. */
  crowdsIn(chance: Chance): void {
    for (const person of this.writers) if (chance.hits(0.3)) this.#acts(person, chance);
  }

  /** Every second planner says yes, as soon as the question has come. */
  plannersAnswer(): void {
    for (const [i, person] of this.planners.entries()) {
      const message = person.chat.findLast(({ keyboard }) =>
        keyboard.flat().some(({ text }) => text === going),
      );
      if (i % 2 === 0 && message) this.#does(person, () => person.taps(message, going));
    }
  }

  async #life(person: Person, chance: Chance, over: Promise<'over'>): Promise<void> {
    this.#acts(person, chance);
    while (!this.#resting) {
      // Who hears nothing for long writes again, as people do.
      const heard = await Promise.race([person.hears(/^/).catch(() => null), over]);
      if (heard === 'over') return;
      if (heard && ['edit', 'toast'].includes(heard.kind)) continue;
      const turn = heard === null || heard.labels.length > 0 || chance.hits(0.5);
      if (turn) this.#acts(person, chance);
      if (turn && chance.hits(0.1)) this.#acts(person, chance);
    }
  }

  #acts(person: Person, chance: Chance): void {
    const buttons = person.chat
      .slice(-3)
      .flatMap((message) =>
        message.keyboard
          .flat()
          .flatMap((button) =>
            'callback_data' in button && button.text !== forgets
              ? [{ message, data: button.callback_data ?? '' }]
              : [],
          ),
      );
    const button = chance.hits(0.5) ? chance.pick(buttons) : undefined;
    const text = chance.pick(said) ?? '';
    this.#does(person, () => (button ? person.tapsData(button.message, button.data) : person.sends(text)));
  }

  #does(person: Person, act: () => unknown): void {
    act();
    this.#done.set(person, this.deeds(person) + 1);
    const update = this.#telegram.pending.at(-1);
    if (update) this.#updates.push(update.update_id);
  }
}
