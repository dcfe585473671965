/**
 * An invented patient: presses more or less any button, old ones too, writes whatever comes to mind, falls silent for
 * days, leaves and comes back. It sees only what its chat received and knows nothing of the program; what it does
 * comes from its chance alone, never from what the program drew at random.
 */
import type { Inbound } from '../channels/channel.ts';
import type { Millis } from '../core/time.ts';
import type { Chance } from './chance.ts';
import type { Received } from './stage.ts';

export type Link = 'none' | 'fresh' | 'mine' | 'used' | 'expired' | 'unknown';

export type Deed =
  | { kind: 'opens'; link: Link }
  | { kind: 'does'; what: Exclude<Inbound['what'], { kind: 'opened' }> }
  /** The platform delivers something again that was done before. */
  | { kind: 'again' };

const second: Millis = 1000;
const hour = 3600 * second;
const day = 24 * hour;

const places = [
  ...['Kristiansand', '4616', '4611 Kristiansand S', 'vennesla', 'Oslo', '0184', 'oslo sentrum', 'Bergen'],
  ...['Bø', 'Nes', 'Sandnes', 'kristiansnd', '9999', '123', 'Hammerfest', '7011', 'ved sjøen'],
];
const commands = [
  ...[
    'MENY',
    'meny',
    '/menu',
    'plan',
    'planen min',
    'Hjelp!',
    'HJELP',
    'det er vanskelig',
    'mine data',
    'PAUSE',
  ],
  ...['stopp', 'STOP', 'slett', 'menu', 'help', 'my plan'],
];
const nonsense = [
  ...['asdf', '???', '👍', 'ja', 'nei', 'Ja!', 'ok', 'yes', 'no', '1', '2', '3', '17', 'Vis', 'hva mener du'],
  ...[
    '{navn}',
    "it's {n, plural}",
    '<b>hei</b>',
    ' ',
    'jeg vet ikke helt',
    'x'.repeat(5000),
    'שלום',
    'Ikke nå',
  ],
];
const dangers = [
  ...['jeg vil ikke leve mer', 'orker ikke mer', 'tenker på selvmord', 'i want to die'],
  ...['jeg har tatt alle tablettene', 'han slår meg'],
];

/** Patients mean to get somewhere: without this, hardly any would come as far as a plan. */
const eagerness: Record<string, number> = {
  yes: 5,
  nb: 3,
  meeting: 5,
  going: 3,
  another: 2,
  show: 4,
  settings: 2,
  data: 2,
  menu: 2,
  under: 0.2,
  delete: 0.4,
};

export class Patient {
  readonly address: string;
  /** When it does something next. */
  wakes: Millis;
  readonly #chance: Chance;
  #came = false;
  #away = false;
  #did = false;

  /** Comes for the first time within a third of the days, most of them early. */
  constructor(address: string, chance: Chance, start: Millis, days: number) {
    this.address = address;
    this.#chance = chance;
    this.wakes = start + Math.round(chance.next() * chance.next() * (days / 3) * day);
  }

  /** What it does now, and when it will do something again. */
  act(received: readonly Received[]): Deed {
    const deed = this.#choose(received);
    this.#away = deed.kind === 'does' && deed.what.kind === 'left';
    this.#did = true;
    this.wakes += this.#rests();
    return deed;
  }

  #choose(received: readonly Received[]): Deed {
    const chance = this.#chance;
    if (!this.#came) return this.#comes();
    if (this.#away) {
      return chance.hits(0.5)
        ? { kind: 'does', what: { kind: 'returned' } }
        : { kind: 'opens', link: this.#link() };
    }
    if (this.#did && chance.hits(0.05)) return { kind: 'again' };
    if (chance.hits(0.015)) return { kind: 'opens', link: this.#link() };
    if (chance.hits(0.01)) return { kind: 'does', what: { kind: 'left' } };
    if (chance.hits(0.01)) return { kind: 'does', what: { kind: 'unreadable' } };
    if (chance.hits(0.01)) return { kind: 'does', what: { kind: 'edited', text: this.#text() } };
    const last = received.at(-1);
    const shown = last ? tapsOf(last) : [];
    if (shown.length === 0 && chance.hits(0.3)) return { kind: 'opens', link: this.#link() };
    if (last && /postnummer|postcode/i.test(last.message.text) && chance.hits(0.5)) {
      return { kind: 'does', what: { kind: 'said', text: chance.pick(places) ?? '' } };
    }
    const old = chance.hits(0.08) ? chance.pick(received.slice(-40).flatMap(tapsOf)) : undefined;
    const tapped = old ?? (chance.hits(0.8) ? chance.pick(shown, eager) : undefined);
    return { kind: 'does', what: tapped ?? { kind: 'said', text: this.#text() } };
  }

  /** The first time: most come with the link they were given, some with another one or none at all. */
  #comes(): Deed {
    this.#came = true;
    const chance = this.#chance;
    if (chance.hits(0.75)) return { kind: 'opens', link: 'fresh' };
    if (chance.hits(0.3)) return { kind: 'does', what: { kind: 'said', text: this.#text() } };
    return { kind: 'opens', link: this.#link() };
  }

  #link(): Link {
    return (
      this.#chance.pick<Link>(['none', 'fresh', 'fresh', 'mine', 'used', 'expired', 'unknown']) ?? 'none'
    );
  }

  #text(): string {
    const chance = this.#chance;
    if (chance.hits(0.04)) return chance.pick(dangers) ?? '';
    if (chance.hits(0.45)) return chance.pick(places) ?? '';
    return chance.pick(chance.hits(0.4) ? commands : nonsense) ?? '';
  }

  /** Within a talk some seconds, then hours, now and then days or weeks; at any time of the day and the night. */
  #rests(): Millis {
    const chance = this.#chance;
    if (this.#away) return chance.between(hour, 6 * day);
    if (chance.hits(0.8)) return chance.between(2 * second, 90 * second);
    if (chance.hits(0.08)) return chance.between(4 * day, 14 * day);
    return chance.between(hour / 4, 2.5 * day);
  }
}

type Tap = { kind: 'tapped'; wait: string; choice: string };

/** What can be tapped under a message. */
function tapsOf({ message }: Received): Tap[] {
  return message.buttons.flatMap((button): Tap[] => {
    if (!('data' in button)) return [];
    const [wait = '', choice = ''] = button.data.split('.');
    return [{ kind: 'tapped', wait, choice }];
  });
}

const eager = (tap: Tap): number => eagerness[tap.choice] ?? 1;
