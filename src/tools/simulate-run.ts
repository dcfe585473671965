/**
 * Runs a simulation: the real engine on the stage, invented patients at its door, a witness beside each. It counts
 * what was received and never asks the program for its own figures.
 */
import type { Inbound } from '../channels/channel.ts';
import type { Outgoing } from '../core/decision.ts';
import type { Millis } from '../core/time.ts';
import type { Reference } from '../core/turn.ts';
import { type Log, silentLog } from '../log.ts';
import { kept } from '../store/store.ts';
import { Chance } from './chance.ts';
import { settleAccount, type Verdict, type Wrong, wrongs } from './simulate-account.ts';
import { type Deed, type Link, Patient } from './simulate-patient.ts';
import { coverage, type Visited, watched } from './simulate-script.ts';
import { Witness } from './simulate-witness.ts';
import { Stage } from './stage.ts';

export type Wish = {
  patients: number;
  days: number;
  seed: number;
  /** Local date of the first day. */
  start: string;
  zone: string;
  reference: Reference;
};

export type Fault = { patient: string; moment: string; what: string };

export type Totals = {
  patients: number;
  days: number;
  seed: number;
  start: string;
  /** What the patients did, redelivered events included. */
  events: number;
  redelivered: number;
  /** What their chats received. */
  messages: number;
  plans: number;
  reminders: Pick<Verdict, 'due' | 'sent' | 'withdrawn'> & Record<Wrong, number>;
  deadEnds: number;
  /** Buttons of open questions that were called old. */
  refused: number;
  /** Redelivered events that had an effect again. */
  repeated: number;
  errors: number;
  visited: Visited;
  faults: Fault[];
};

const day: Millis = 24 * 3_600_000;
const mostRedeliveries = 3;

type Done = { id: string; what: Inbound['what']; at: Millis };
type Guest = {
  patient: Patient;
  witness: Witness;
  chance: Chance;
  links: string[];
  done: Done[];
  acts: number;
};

/** @throws RangeError when the start is no date or the zone no zone */
export async function rehearse(wish: Wish): Promise<Totals> {
  return new Rehearsal(wish).run();
}

class Rehearsal {
  readonly #wish: Wish;
  readonly #visited = new Set<string>();
  readonly #guests: Guest[];
  readonly #start: Millis;
  readonly #end: Millis;
  readonly #used: string[] = [];
  readonly #faults: (Fault & { at: Millis })[] = [];
  readonly #counts = { events: 0, redelivered: 0, deadEnds: 0, refused: 0, repeated: 0, errors: 0 };

  constructor(wish: Wish) {
    const { patients, days, seed, start, zone, reference } = wish;
    this.#wish = wish;
    const first = Temporal.PlainDate.from(start).toZonedDateTime(zone);
    this.#start = first.epochMilliseconds;
    this.#end = first.add({ days }).epochMilliseconds;
    this.#guests = Array.from({ length: patients }, (_, i) => {
      const chance = new Chance(seed, i);
      const patient = new Patient(`p${i + 1}`, chance, this.#start, days);
      return { patient, witness: new Witness(reference), chance, links: [], done: [], acts: 0 };
    });
  }

  async run(): Promise<Totals> {
    const { zone, reference } = this.#wish;
    const stage = await Stage.open({
      reference: { ...reference, dialogues: watched(reference.dialogues, this.#visited) },
      start: this.#start,
      zone,
      channel: 'telegram',
      clinic: { name: 'Demoklinikken', reads: 'hver morgen' },
      log: this.#log(() => stage.clock.now()),
    });
    let pruned = this.#start;
    for (;;) {
      const guest = this.#guests.reduce((first, one) =>
        one.patient.wakes < first.patient.wakes ? one : first,
      );
      if (guest.patient.wakes > this.#end) break;
      if (guest.patient.wakes - pruned > day) {
        pruned = guest.patient.wakes;
        await stage.store.prune(pruned - kept);
      }
      await stage.moveTo(guest.patient.wakes);
      await this.#look(stage, guest);
      await this.#act(stage, guest);
    }
    await stage.moveTo(this.#end);
    for (const guest of this.#guests) await this.#look(stage, guest);
    const messages = this.#guests.reduce(
      (sum, { patient }) => sum + stage.received(patient.address).length,
      0,
    );
    await stage.close();
    return this.#totals(messages);
  }

  /** What came in since this patient last did something. */
  async #look(stage: Stage, { patient, witness }: Guest): Promise<void> {
    if (witness.waited(stage.received(patient.address))) witness.sees(await stage.person(patient.address));
  }

  async #act(stage: Stage, guest: Guest): Promise<void> {
    const { patient, witness } = guest;
    const { address } = patient;
    const deed = patient.act(stage.received(address));
    if (deed.kind === 'again') return this.#again(stage, guest);
    const what = await this.#whatOf(stage, guest, deed);
    const id = `${address}:${guest.acts++}`;
    const at = stage.clock.now();
    const offered = witness.offers(what, at);
    await this.#happens(stage, guest, id, what);
    const person = await stage.person(address);
    const answers = witness.did(what, at, person, stage.received(address));
    // What nobody was there for is not seen, and so not seen twice.
    if (person || answers.length > 0) guest.done.push({ id, what, at });
    const asks = what.kind !== 'left' && what.kind !== 'returned' && what.kind !== 'edited';
    if ((asks || answers.length > 0) && witness.stranded(answers)) {
      this.#counts.deadEnds++;
      this.#fault(address, at, `dead end after ${told(what)}: ${answers.at(-1)?.text ?? 'no answer'}`);
    }
    if (offered && this.#refused(answers)) {
      this.#counts.refused++;
      this.#fault(address, at, `an open question refused ${told(what)}`);
    }
  }

  #refused([first]: readonly Outgoing[]): boolean {
    const { words } = this.#wish.reference;
    return first?.text.startsWith(words.say(first.language, 'phrases.old-button')) === true;
  }

  /** The platform delivers one of the last day's events once more, the newest most often: nothing may come of it. */
  async #again(stage: Stage, guest: Guest): Promise<void> {
    const { patient, witness, chance, done } = guest;
    const { address } = patient;
    const at = stage.clock.now();
    const recent = done.filter((one) => at - one.at < day);
    const event = chance.hits(0.6) ? recent.at(-1) : chance.pick(recent);
    if (!event) return;
    this.#counts.redelivered++;
    const before = stage.received(address).length;
    const was = JSON.stringify(await stage.person(address));
    await this.#happens(stage, guest, event.id, event.what);
    const person = await stage.person(address);
    if (stage.received(address).length === before && JSON.stringify(person) === was) return;
    this.#counts.repeated++;
    this.#fault(address, at, `done again when redelivered: ${told(event.what)}`);
    witness.did({ kind: 'again' }, at, person, stage.received(address));
  }

  /** Hands it to the engine, and as a platform would again while it fails. */
  async #happens(stage: Stage, { patient }: Guest, id: string, what: Inbound['what']): Promise<void> {
    this.#counts.events++;
    const before = stage.received(patient.address).length;
    for (let tries = 0; tries < mostRedeliveries; tries++) {
      try {
        await stage.happens(patient.address, what, id);
        break;
      } catch (error) {
        this.#error(patient.address, stage.clock.now(), `${told(what)}: ${reason(error)}`);
      }
    }
    const stumbled = stage.received(patient.address).slice(before);
    const { words } = this.#wish.reference;
    for (const { at, message } of stumbled) {
      if (message.text === words.say(message.language, 'phrases.stumbled')) {
        this.#error(patient.address, at, `stumbled at ${told(what)}`);
      }
    }
  }

  async #whatOf(
    stage: Stage,
    guest: Guest,
    deed: Exclude<Deed, { kind: 'again' }>,
  ): Promise<Inbound['what']> {
    return deed.kind === 'does'
      ? deed.what
      : { kind: 'opened', token: await this.#token(stage, guest, deed.link) };
  }

  async #token(stage: Stage, { links, chance }: Guest, link: Link): Promise<string | null> {
    if (link === 'none') return null;
    if (link === 'unknown') return 'no-such-link';
    if (link === 'expired') return stage.invitation({ lasts: -1 });
    const known = link === 'mine' ? links.at(-1) : link === 'used' ? chance.pick(this.#used) : undefined;
    if (known) return known;
    const fresh = await stage.invitation({ young: chance.hits(0.1), alias: 'demo' });
    links.push(fresh);
    this.#used.push(fresh);
    return fresh;
  }

  /** What the program itself could not do shows nowhere but in its log. */
  #log(now: () => Millis): Log {
    return {
      ...silentLog,
      error: ({ event, personId, err }) => {
        const guest = this.#guests.find(({ witness }) => witness.person?.id === personId);
        this.#error(guest?.patient.address ?? '-', now(), `${event}: ${reason(err)}`);
      },
    };
  }

  #error(patient: string, at: Millis, what: string): void {
    this.#counts.errors++;
    this.#fault(patient, at, `error: ${what}`);
  }

  #fault(patient: string, at: Millis, what: string): void {
    const moment = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(this.#wish.zone);
    this.#faults.push({
      patient,
      at,
      moment: moment.toString({ smallestUnit: 'second', timeZoneName: 'never' }),
      what,
    });
  }

  #totals(messages: number): Totals {
    const { patients, days, seed, start, reference } = this.#wish;
    const reminders: Totals['reminders'] = {
      due: 0,
      sent: 0,
      ...(Object.fromEntries(wrongs.map((wrong) => [wrong, 0])) as Record<Wrong, number>),
      withdrawn: {},
    };
    for (const { patient, witness } of this.#guests) {
      const verdict = settleAccount(witness.ledger, this.#end);
      reminders.due += verdict.due;
      reminders.sent += verdict.sent;
      for (const [why, count] of Object.entries(verdict.withdrawn)) {
        reminders.withdrawn[why] = (reminders.withdrawn[why] ?? 0) + count;
      }
      for (const { at, wrong, what } of verdict.wrong) {
        reminders[wrong]++;
        this.#fault(patient.address, at, `${wrong}: ${what}`);
      }
    }
    return {
      ...{ patients, days, seed, start },
      ...this.#counts,
      messages,
      plans: this.#guests.reduce((sum, { witness }) => sum + witness.plans, 0),
      reminders,
      visited: coverage(reference.dialogues, this.#visited),
      faults: this.#faults.toSorted((a, b) => a.at - b.at).map(({ at: _, ...fault }) => fault),
    };
  }
}

function told(what: Inbound['what']): string {
  if (what.kind === 'tapped') return `tapped ${what.choice}`;
  return 'text' in what ? `${what.kind} "${what.text.slice(0, 60)}"` : what.kind;
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
