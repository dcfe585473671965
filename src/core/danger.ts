/**
 * Looks at free text for danger to life, before anything else does. The phrases it goes by are data, so that
 * everybody can read what it finds; it asks rather than judges, and errs towards asking.
 * It must never be used to rate or score a person.
 */
import { type PhraseBook, Phrases, type Span, wordsOf } from './phrases.ts';

export const dangerKinds = ['suicide', 'overdose', 'violence', 'withdrawal', 'craving'] as const;
export type DangerKind = (typeof dangerKinds)[number];

/** `imminent`: something is happening now, so no question first. `possible`: ask calmly. `none`: no danger. */
export const urgencies = ['imminent', 'possible', 'none'] as const;
export type Urgency = (typeof urgencies)[number];

export type Danger = { kind: DangerKind; urgency: Urgency };

/** What one language has. In `a & b` both must be somewhere in the text, in any order. */
export type DangerPhrases = PhraseBook & {
  signs: Partial<Record<DangerKind, Partial<Record<Urgency, readonly string[]>>>>;
  /** Sayings, denials and the like, which are set aside. */
  harmless: readonly string[];
};

type Finding = Danger & { span: Span | null };

/** The signs of one language: those of one phrase by that phrase, and those of several. */
type Signs = {
  phrases: Phrases;
  single: ReadonlyMap<string, Danger>;
  joint: readonly (Danger & { parts: string[] })[];
};

const setAside = 'set aside';

export class DangerSigns {
  readonly #languages: readonly Signs[];

  /** @throws Error naming the phrase that cannot be read */
  constructor(languages: readonly DangerPhrases[]) {
    this.#languages = languages.map(signsOf);
  }

  /** The most urgent of everything the text tells of, in any language; null when that is nothing. */
  look(text: string): Danger | null {
    return this.read(text).danger;
  }

  /** What `look` finds, and whether a harmless saying stands anywhere in the text. */
  read(text: string): { danger: Danger | null; saying: boolean } {
    const words = wordsOf(text);
    const found = this.#languages.map((signs) => ({ signs, places: signs.phrases.find(words) }));
    const asides = found.flatMap(({ places }) => places.get(setAside) ?? []);
    const findings = found.flatMap(({ signs, places }) => findingsOf(signs, stillStanding(places, asides)));
    const holds = (one: Finding) => !findings.some((other) => saysMore(other, one));
    const danger = inOrder.find((danger) => findings.some((one) => isSame(one, danger) && holds(one)));
    return { danger: danger ?? null, saying: asides.length > 0 };
  }
}

/** Imminent before possible; among equals the order of the kinds. */
const inOrder: readonly Danger[] = urgencies.flatMap((urgency) =>
  dangerKinds.map((kind) => ({ kind, urgency })),
);

function signsOf({ groups, signs, harmless, ...book }: DangerPhrases): Signs {
  const listed = inOrder.flatMap((danger) =>
    (signs[danger.kind]?.[danger.urgency] ?? []).map((phrase) => ({ ...danger, parts: phrase.split('&') })),
  );
  const own = new Map([[setAside, harmless.join('|')]]);
  for (const part of listed.flatMap(({ parts }) => parts)) own.set(part, part);
  return {
    phrases: new Phrases({ ...book, groups: [...groups, ...own] }, [...own.keys()]),
    single: new Map(listed.filter(({ parts }) => parts.length === 1).map((sign) => [sign.parts[0]!, sign])),
    joint: listed.filter(({ parts }) => parts.length > 1),
  };
}

/** What no harmless saying touches. */
function stillStanding(places: Map<string, Span[]>, asides: Span[]): Map<string, Span[]> {
  if (asides.length === 0) return places;
  const standing = [...places].map(
    ([part, spans]) =>
      [part, spans.filter((span) => !asides.some((aside) => overlaps(aside, span)))] as const,
  );
  return new Map(standing.filter(([, spans]) => spans.length > 0));
}

function findingsOf({ single, joint }: Signs, places: Map<string, Span[]>): Finding[] {
  const findings: Finding[] = [];
  for (const [part, spans] of places) {
    const sign = single.get(part);
    if (sign) findings.push(...spans.map((span) => ({ ...sign, span })));
  }
  for (const { kind, urgency, parts } of joint) {
    if (parts.every((part) => places.has(part))) findings.push({ kind, urgency, span: null });
  }
  return findings;
}

/**
 * The more precise of two phrases counts: "afraid that he hits me" and not "he hits me". What is imminent gives way
 * only within its own kind.
 */
const saysMore = (one: Finding, other: Finding) =>
  one.urgency !== 'none' &&
  (other.urgency !== 'imminent' || one.kind === other.kind) &&
  !isSame(one, other) &&
  one.span !== null &&
  other.span !== null &&
  isWithin(other.span, one.span);

const isSame = (one: Danger, other: Danger) => one.kind === other.kind && one.urgency === other.urgency;

const overlaps = (one: Span, other: Span) => one.start < other.end && other.start < one.end;

/** Whether the second holds the first whole, and more. */
const isWithin = (one: Span, other: Span) =>
  other.start <= one.start && one.end <= other.end && other.end - other.start > one.end - one.start;
