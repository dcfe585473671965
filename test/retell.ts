/**
 * Tells a story again on the real engine and writes down what was really to be seen. It exists so that a test is one
 * comparison: the story as it is written, and as it went. Nothing a guest receives is left out.
 */
import type { Inbound } from '../src/channels/channel.ts';
import type { Notice, Person } from '../src/core/records.ts';
import type { Reference } from '../src/core/turn.ts';
import { ownClinic } from '../src/engine/program.ts';
import { type Received, Stage } from '../src/tools/stage.ts';
import { type Act, isAct, type Line, localOf, momentOf, type Sight, type Story } from '../src/tools/story.ts';

type Heard = Extract<Sight, { hears: string }>;
type Kept = Extract<Sight, { keeps: unknown }>;
type SeenThere = Extract<Sight, { clinic_sees: unknown }>;

/** The clinic's own name for whoever comes invited. */
const alias = 'pasient 7';

/** The lines of a story as they went: where one came true it is the very same line. */
export async function retell(story: Story, reference: Reference): Promise<Line[]> {
  const stage = await Stage.open({
    reference,
    start: momentOf(story.start, story.zone),
    zone: story.zone,
    channel: story.channel,
    clinic: { name: story.clinic, reads: story.reads ?? null },
  });
  const telling = new Telling(stage, story.zone);
  const told: Line[] = [];
  for (const { act, sights } of scenes(story.lines)) told.push(act, ...(await telling.scene(act, sights)));
  told.push(...telling.untold());
  await stage.close();
  return told;
}

/** An act with everything that is to be seen before the next. */
function scenes(lines: readonly Line[]): { act: Act; sights: Sight[] }[] {
  const found: { act: Act; sights: Sight[] }[] = [];
  for (const line of lines) {
    if (isAct(line)) found.push({ act: line, sights: [] });
    else if (found.length === 0) throw new Error('a story begins with something that happens');
    else found.at(-1)?.sights.push(line);
  }
  return found;
}

class Telling {
  readonly #stage: Stage;
  readonly #zone: string;
  /** How many messages of each guest are told. */
  readonly #told = new Map<string, number>();
  #guest = 'pasienten';
  #token = '';
  #last: { id: string; what: Inbound['what'] } | null = null;
  #count = 0;

  constructor(stage: Stage, zone: string) {
    this.#stage = stage;
    this.#zone = zone;
    this.#told.set(this.#guest, 0);
  }

  /** Lets the act happen and tells what was seen, in the words of `expected` where they came true. */
  async scene(act: Act, expected: readonly Sight[]): Promise<Sight[]> {
    await this.#perform(act);
    const unprompted = 'moves' in act || 'until' in act;
    const messages = this.#news(this.#guest);
    const hears = expected.filter((sight) => 'hears' in sight);
    const seen: Sight[] = messages.flatMap((one, i) => {
      const line = hears[i];
      // Where a story names buttons but no words yet, they are those of the last message.
      const rest = hears.length === 0 && i === messages.length - 1 ? expected : [];
      const after = line ? expected.slice(expected.indexOf(line) + 1) : rest;
      return [this.#heard(one, line, unprompted), ...attached(one, after)];
    });
    if (messages.length === 0) seen.push(...expected.filter((sight) => 'hears_nothing' in sight));
    for (const sight of expected) {
      if ('keeps' in sight) seen.push(await this.#kept(sight));
      if ('clinic_sees' in sight) seen.push(await this.#atTheClinic(sight));
    }
    return seen;
  }

  /** Messages that no scene told, since they came to a guest whom the story had left. */
  untold(): Line[] {
    return [...this.#told.keys()].flatMap((guest) => {
      const lines = this.#news(guest).map((one) => this.#heard(one, undefined, true));
      return lines.length > 0 ? [{ guest }, ...lines] : [];
    });
  }

  async #perform(act: Act): Promise<void> {
    const stage = this.#stage;
    if ('guest' in act) this.#guest = act.guest;
    else if ('begins' in act) await stage.begin(this.#guest, act.begins, act.language);
    else if ('opens' in act) await this.#happens({ kind: 'opened', token: await this.#link(act.opens) });
    else if ('says' in act) await this.#happens({ kind: 'said', text: act.says.repeat(act.times ?? 1) });
    else if ('edits' in act) await this.#happens({ kind: 'edited', text: act.edits });
    else if ('taps' in act) await this.#happens(this.#button(act.taps));
    else if ('sends' in act) await this.#happens({ kind: 'unreadable' });
    else if ('does' in act) await this.#happens({ kind: act.does === 'block' ? 'left' : 'returned' });
    else if ('moves' in act) await stage.moveTo(stage.clock.now() + lengthOf(act.moves));
    else if ('until' in act) await stage.moveTo(momentOf(act.until, this.#zone));
    else if (this.#last) await stage.happens(this.#guest, this.#last.what, this.#last.id);
    if (!this.#told.has(this.#guest)) this.#told.set(this.#guest, 0);
  }

  async #happens(what: Inbound['what']): Promise<void> {
    this.#last = { id: `story:${++this.#count}`, what };
    await this.#stage.happens(this.#guest, what, this.#last.id);
  }

  async #link(opens: Extract<Act, { opens: string }>['opens']): Promise<string | null> {
    if (opens === 'uninvited') return null;
    if (opens === 'unknown') return 'unknown';
    if (opens !== 'again') {
      this.#token = await this.#stage.invitation({
        alias,
        young: opens === 'invited-young',
        ...(opens === 'expired' ? { lasts: -1 } : {}),
      });
    }
    return this.#token;
  }

  #button(label: string): Inbound['what'] {
    const received = this.#stage.received(this.#guest);
    const buttons = received.toReversed().flatMap(({ message }) => message.buttons);
    const found = buttons.find((button) => 'data' in button && button.label === label);
    if (!found || !('data' in found))
      throw new Error(`there is no button ${label}: ${labels(received.at(-1))}`);
    const [wait = '', choice = ''] = found.data.split('.');
    return { kind: 'tapped', wait, choice };
  }

  #news(guest: string): Received[] {
    const received = this.#stage.received(guest);
    const news = received.slice(this.#told.get(guest));
    this.#told.set(guest, received.length);
    return news;
  }

  #heard({ at, message }: Received, line: Heard | undefined, unprompted: boolean): Sight {
    const when = localOf(at, this.#zone);
    const holds = line && says(message.text, line.hears) && (line.at === undefined || line.at === when);
    if (holds) return line;
    return { hears: message.text, ...(unprompted || line?.at ? { at: when } : {}) };
  }

  async #kept(line: Kept): Promise<Sight> {
    const { engine, vault } = this.#stage;
    const person: Person | null = await this.#stage.person(this.#guest);
    if (!person) return line.keeps === null ? line : { keeps: null };
    const records = await vault.all(engine.directory.partitionOf(person.clinic), person.id);
    const of = (kind: string) => records.flatMap(({ key, value }) => (key.kind === kind ? [value] : []));
    const all = { ...person, attendance: of('attendance'), diary: of('diary') };
    return told(line, 'keeps', all);
  }

  async #atTheClinic(line: SeenThere): Promise<Sight> {
    const { engine, vault } = this.#stage;
    const records = await vault.all(engine.directory.partitionOf(ownClinic), ownClinic);
    const notices = records.flatMap(({ key, value }) => (key.kind === 'notice' ? [value as Notice] : []));
    return told(line, 'clinic_sees', notices);
  }
}

const labels = (received: Received | undefined): string[] =>
  received?.message.buttons.map(({ label }) => label) ?? [];

/** The lines about what hangs on a message, up to the next message. */
function attached(one: Received, following: readonly Sight[]): Sight[] {
  const end = following.findIndex((sight) => 'hears' in sight);
  const own = end < 0 ? following : following.slice(0, end);
  const offers = own.find((sight) => 'offers' in sight);
  const gets = own.find((sight) => 'gets' in sight);
  const { file } = one;
  const whole =
    file && gets?.gets === file.name && (gets.holding ?? []).every((part) => file.body.includes(part));
  return [
    ...(offers ? [told(offers, 'offers', labels(one))] : []),
    ...(file ? [whole ? gets : { gets: file.name }] : []),
  ];
}

/** The line itself where it is true, else the same line with what is. */
function told<K extends string>(line: Sight & Record<K, unknown>, key: K, actual: unknown): Sight {
  const seen = asFarAs(line[key], actual);
  return JSON.stringify(seen) === JSON.stringify(line[key]) ? line : ({ [key]: seen } as unknown as Sight);
}

/** What `actual` holds of the fields that `named` names. */
function asFarAs(named: unknown, actual: unknown): unknown {
  if (Array.isArray(named) && Array.isArray(actual)) {
    return actual.map((one, i) => (i < named.length ? asFarAs(named[i], one) : one));
  }
  if (!isObject(named) || !isObject(actual)) return actual ?? null;
  return Object.fromEntries(Object.keys(named).map((key) => [key, asFarAs(named[key], actual[key])]));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const flow = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Is this the text, or the part of it that stands between dots? */
function says(text: string, expected: string): boolean {
  const [, before = '', part = '', after = ''] = /^(\.\.\.)?(.*?)(\.\.\.)?$/s.exec(flow(expected)) ?? [];
  const [whole, wanted] = [flow(text), part.trim()];
  if (before && after) return whole.includes(wanted);
  if (before) return whole.endsWith(wanted);
  return after ? whole.startsWith(wanted) : whole === wanted;
}

const lengthOf = (duration: string): number =>
  Temporal.Duration.from(duration).total({ unit: 'milliseconds', relativeTo: '2026-01-01' });
