/**
 * One event being decided: a draft of the person and everything decided so far, which the rules fill in. It is the
 * only mutable thing in the core and lives no longer than one call of `decide`.
 * Nothing unprompted may be opened past the table of purposes.
 */
import type { Commands } from './commands.ts';
import type { Decision, Fact, Outgoing } from './decision.ts';
import { type Dialogues, resolve } from './dialog/schema.ts';
import { type Aside, ask, enter, type Host, hear, type Option, silent, tap } from './dialog/step.ts';
import type { Event } from './event.ts';
import type { HelpLine } from './help-lines.ts';
import type { ClinicKnowledge } from './knowledge.ts';
import type { MeetingIndex } from './meeting-index.ts';
import type { Gazetteer } from './places.ts';
import { mayGo, type Purpose, purposes } from './purpose.ts';
import {
  type Clinic,
  type Frame,
  type Invitation,
  newcomer,
  type Person,
  type RecordKey,
} from './records.ts';
import type { Millis } from './time.ts';
import type { FreeText } from './understand.ts';
import type { Words } from './words.ts';

/** What does not change from one event to the next. */
export type Reference = {
  dialogues: Dialogues;
  words: Words;
  commands: Commands;
  meetings: MeetingIndex;
  gazetteer: Gazetteer;
  freeText: FreeText;
  helpLines: readonly HelpLine[];
};

/** Who is meant when the person has no record yet. */
export type Arrival = {
  person: string;
  clinic: string;
  invitation: string | null;
  chat: Person['chat'];
  language: string;
};

export type World = {
  person: Person | null;
  arrival: Arrival;
  clinic: Clinic;
  /** The invitation the person came by, or the one just opened. */
  invitation: Invitation | null;
  /** What the clinic knows of meetings beside the lists; null: nothing yet. */
  knowledge: ClinicKnowledge | null;
  reference: Reference;
};

/** What one rule adds to the vocabulary; only one of them overhears. */
export type Part = Omit<Vocabulary, 'overhear'>;

/** The names that dialogue files may use. Every action and reader declares the outcomes a dialogue must answer. */
export type Vocabulary = {
  conditions: Record<string, (turn: Turn, frame: Frame) => boolean>;
  actions: Record<string, { outcomes: readonly string[]; act: (turn: Turn, frame: Frame) => string }>;
  readers: Record<
    string,
    { outcomes: readonly string[]; read: (turn: Turn, text: string, frame: Frame) => string }
  >;
  options: Record<string, (turn: Turn, frame: Frame) => Option[]>;
  values: Record<string, (turn: Turn, frame: Frame) => string>;
  links: Record<string, (turn: Turn, frame: Frame) => string | null>;
  /** Where written words lead that no button and no reader answers to; null where only the dialogue knows. */
  overhear: (turn: Turn, text: string, frame: Frame, hears: string | null) => Aside | null;
  /** Places in dialogues that rules open by name, so that the check knows they are used and must exist. */
  entries: readonly string[];
};

/** A short rule: looks at the turn and says whether the event is settled with that. */
export type Rule<E extends Event = Event> = (turn: Turn, event: E) => boolean;

const mostFrames = 3;
/** A conversation in which the person has said nothing for so long is over. */
const leftAfter: Millis = 3_600_000;

export class Turn {
  readonly world: World;
  readonly now: Millis;
  readonly said: Outgoing[] = [];
  readonly facts: Fact[] = [];
  readonly put: Decision['put'] = [];
  readonly drop: RecordKey[] = [];
  person: Person;
  erase = false;
  readonly #vocabulary: Vocabulary;
  readonly #seed: string;
  #ids = 0;

  constructor(world: World, event: Event, vocabulary: Vocabulary) {
    this.world = world;
    this.now = event.at;
    this.#seed = event.seed;
    this.#vocabulary = vocabulary;
    const { arrival, clinic } = world;
    this.person = world.person
      ? structuredClone(world.person)
      : newcomer(
          arrival.person,
          arrival.clinic,
          arrival.invitation,
          arrival.chat,
          clinic.zone,
          arrival.language,
          event.at,
        );
  }

  get reference(): Reference {
    return this.world.reference;
  }

  /** The question the person was asked last. */
  get current(): Frame | undefined {
    return this.person.frames.at(-1);
  }

  newId(): string {
    return `${this.#seed}${(this.#ids++).toString(36)}`;
  }

  fact(what: string, detail?: Record<string, string>): void {
    this.facts.push(detail ? { what, detail } : { what });
  }

  /** The words for a phrase that no dialogue owns. */
  phrase(key: string, valueFor?: (name: string) => string | number): string {
    return this.reference.words.say(this.person.language, `phrases.${key}`, valueFor);
  }

  say(message: Omit<Outgoing, 'language'>): void {
    const purpose = this.erase ? 'farewell' : message.purpose;
    this.said.push({ ...message, purpose, language: this.person.language });
  }

  /**
   * Opens a dialogue on top of what is open; `place` is `dialogue/` or `dialogue/step`. A menu that lay open, an
   * earlier question about the same plan, or the same dialogue opened before gives way to it. So does a conversation
   * that the person has left long since, when it is the program that speaks first. What may not be said is not opened.
   */
  open(place: string, purpose: Purpose, vars: Record<string, string> = {}): void {
    const leave = mayGo(purpose, this.now, this.person, this.now);
    if (!leave.go && 'drop' in leave) {
      this.fact('withheld', { purpose, reason: leave.drop });
      return;
    }
    const { dialogues, words } = this.reference;
    const at = resolve(dialogues, '', place);
    const away = purposes[purpose].unprompted && this.now - this.person.heard > leftAfter;
    this.person.frames = this.person.frames.filter(
      (open) =>
        open.dialogue !== 'menu' &&
        (vars.plan ? open.vars.plan !== vars.plan : open.dialogue !== at.dialogue) &&
        !(away && open.purpose === 'answer' && open.silence === null),
    );
    const frame = enter(dialogues, words, this.#host(), at, purpose, vars);
    if (frame) this.person.frames = [...this.person.frames, frame].slice(-mostFrames);
  }

  /** Leaves everything that was open. */
  clear(): void {
    this.person.frames = [];
  }

  /** Asks the current question again, after the given lines; false when nothing is open. */
  askAgain(...before: string[]): boolean {
    const frame = this.current;
    if (!frame) return false;
    if (frame.veiled) {
      // Whoever is here right now need not be told that there is a message.
      for (const text of before) this.say({ purpose: 'answer', text, buttons: [] });
      return this.hear('');
    }
    ask(this.reference.dialogues, this.reference.words, this.#host(), frame, 'answer', before);
    return true;
  }

  /**
   * Asks the current question again by the program's own will, after `line`. Whoever is in the middle of a talk hears it
   * at once, others only where the table of purposes lets a word through now, and who is discreet only the line.
   */
  askUnprompted(line: string): void {
    const frame = this.current;
    if (!frame || frame.veiled) return;
    const { heard, crisis, discreet } = this.person;
    const purpose = this.now - heard <= leftAfter ? 'answer' : crisis ? 'aftercare' : 'nudge';
    if (!mayGo(purpose, this.now, this.person, this.now).go) return;
    const { dialogues, words } = this.reference;
    if (purposes[purpose].unprompted && discreet) this.say({ purpose, text: line, buttons: [] });
    else ask(dialogues, words, this.#host(), frame, purpose, [line]);
  }

  /** Follows a tap; false when the button belongs to no open question. */
  tap(wait: string, choice: string): boolean {
    const index = this.person.frames.findIndex((f) => f.wait === wait);
    const frame = this.person.frames[index];
    if (!frame) return false;
    const first = this.said.length;
    const { dialogues, words } = this.reference;
    const result = tap(dialogues, words, this.#host(), frame, choice);
    if (result === 'stale') return false;
    // Whoever goes on at an earlier question has left what they opened after it; what the program asked still stands.
    this.person.frames = this.person.frames.filter(
      (f, i) => i <= index || f.silence !== null || purposes[f.purpose].unprompted,
    );
    this.#settle(frame, result.frame);
    const answer = this.said[first];
    if (answer) answer.echo = result.label;
    return true;
  }

  /** Follows written words at the current question; false when it can make nothing of them. */
  hear(text: string): boolean {
    const frame = this.current;
    if (!frame) return false;
    const { dialogues, words } = this.reference;
    const result = hear(dialogues, words, this.#host(), frame, text);
    if (result === 'unclear') return false;
    if ('place' in result) this.open(result.place, 'answer', result.vars);
    else this.#settle(frame, result.frame);
    return true;
  }

  /** Lets silence speak where a question waits for it. */
  silence(): void {
    const { dialogues, words } = this.reference;
    for (const frame of [...this.person.frames]) {
      if (frame.silence !== null && frame.silence <= this.now) {
        this.#settle(frame, silent(dialogues, words, this.#host(), frame));
      }
    }
  }

  decision(timers: Decision['timers']): Decision {
    return {
      person: this.erase ? null : this.person,
      erase: this.erase,
      put: this.put,
      drop: this.drop,
      said: this.said,
      timers,
      facts: this.facts,
    };
  }

  /** Puts the frame after an answer in the place of the one before; an action may have left everything meanwhile. */
  #settle(before: Frame, after: Frame | null): void {
    const index = this.person.frames.findIndex((f) => f.wait === before.wait);
    const rest = index < 0 ? this.person.frames : this.person.frames.toSpliced(index, 1);
    this.person.frames = after ? [...rest, after] : rest;
    if (!after && !this.erase) this.askAgain(this.phrase('back-to'));
  }

  #host(): Host {
    const { conditions, actions, readers, options, values, links } = this.#vocabulary;
    const turn = this;
    return {
      get language() {
        return turn.person.language;
      },
      get discreet() {
        return turn.person.discreet;
      },
      newId: () => this.newId(),
      condition: (name, frame) => named(conditions, name)(this, frame),
      act: (name, frame) => named(actions, name).act(this, frame),
      read: (name, text, frame) => named(readers, name).read(this, text, frame),
      options: (name, frame) => named(options, name)(this, frame),
      value: (name, frame) => named(values, name)(this, frame),
      link: (name, frame) => named(links, name)(this, frame),
      overhear: (text, frame, hears) => this.#vocabulary.overhear(this, text, frame, hears),
      intent: (text) => {
        const found = this.reference.commands.intent(text);
        return found === 'yes' || found === 'no' ? found : null;
      },
      say: (message) => this.say(message),
      after: (duration) => this.now + Temporal.Duration.from(duration).total('milliseconds'),
    };
  }
}

function named<T>(table: Record<string, T>, name: string): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found === undefined) throw new Error(`a dialogue uses the unknown name ${name}`);
  return found;
}
