/**
 * From a wish to a plan: three suggestions with their reasons, the chosen one, what it is and how to get there, a
 * calendar file, and dropping it again. It must never offer what can no longer be reached, nor keep a plan whose
 * meeting is gone from the list.
 */
import { calendarFile } from '../calendar.ts';
import { holiday } from '../holidays.ts';
import { type Occurrence, occurrenceId } from '../meeting.ts';
import { type Plan, upcoming, withoutPlan, withPlan } from '../plan.ts';
import type { Frame, Person } from '../records.ts';
import { type ReasonId, type Suggestion, suggest } from '../suggest.ts';
import { atLocal, type Millis, sayDay, sayTime } from '../time.ts';
import type { Part, Rule, Turn } from '../turn.ts';

/** A plan that nobody has spoken of for this long after its meeting is laid aside. */
const planFades: Millis = 7 * 24 * 3_600_000;

/** When the oldest plan that got no answer is laid aside. */
export const fading = (person: Person): Millis | null =>
  person.plans.length > 0 ? Math.min(...person.plans.map((plan) => plan.starts)) + planFades : null;

export const fade: Rule = (turn, event) => {
  if (event.kind !== 'due' || event.matter !== 'fading') return false;
  turn.fact('plan-faded');
  const { person } = turn;
  const faded = person.plans.filter((plan) => plan.starts + planFades <= turn.now).map(({ id }) => id);
  person.plans = person.plans.filter(({ id }) => !faded.includes(id));
  // A question about it would have nothing left to name.
  person.frames = person.frames.filter(({ vars }) => !faded.includes(vars.plan ?? ''));
  return true;
};

export const vocabulary: Part = {
  entries: [],
  conditions: {
    'has-plan': (turn) => turn.person.plans.length > 0,
    'has-place': (turn) => turn.person.place !== null,
    /** What the frame speaks of still stands and has not begun. */
    'plan-ahead': (turn, frame) => (planOf(turn, frame)?.starts ?? 0) > turn.now,
    /** What the frame speaks of is known, and nobody has told yet what became of it. */
    'plan-unanswered': (turn, frame) => planOf(turn, frame) !== undefined,
    /** This conversation has already shown suggestions. */
    'shown-some': (_turn, frame) => Boolean(frame.vars.shown),
    'on-holiday': (turn, frame) => holiday(planOf(turn, frame)?.date ?? '2000-01-03') !== null,
    'has-notes': (turn, frame) => Boolean(planOf(turn, frame)?.notes),
  },
  actions: {
    suggest: {
      outcomes: ['found', 'none', 'no-place'],
      act: (turn, frame) => {
        if (!turn.person.place) return 'no-place';
        const found = suggestions(turn, turn.person.place, frame);
        frame.vars.found = JSON.stringify(
          found.map(({ meeting, date, km, reasons }) => [meeting.id, date, km, reasons]),
        );
        frame.vars.shown = [frame.vars.shown, ...found.map(occurrenceId)].filter(Boolean).join(' ');
        return found.length > 0 ? 'found' : 'none';
      },
    },
    'start-over': {
      outcomes: ['done'],
      act: (_turn, frame) => {
        delete frame.vars.shown;
        return 'done';
      },
    },
    plan: {
      outcomes: ['planned', 'gone'],
      act: (turn, frame) => {
        const chosen = pickedOccurrence(turn, frame);
        if (!chosen || chosen.starts <= turn.now) return 'gone';
        const known = turn.person.plans.find((plan) => plan.id === occurrenceId(chosen));
        const plan = known ?? planFor(turn, chosen);
        turn.person.plans = withPlan(turn.person.plans, plan, turn.now);
        about(frame, plan);
        turn.fact('planned', { plan: plan.id });
        return 'planned';
      },
    },
    /** Makes the frame speak of what lies ahead, or else of what lies behind and is still unanswered. */
    'recall-plan': {
      outcomes: ['ahead', 'behind', 'none'],
      act: (turn, frame) => {
        const ahead = upcoming(turn.person.plans, turn.now);
        const plan = ahead ?? turn.person.plans[0];
        if (!plan) return 'none';
        about(frame, plan);
        return ahead ? 'ahead' : 'behind';
      },
    },
    'drop-plan': {
      outcomes: ['done'],
      act: (turn, frame) => {
        const { plan } = frame.vars;
        if (plan) turn.fact('plan-dropped', { plan });
        turn.person.plans = withoutPlan(turn.person.plans, plan);
        return 'done';
      },
    },
    calendar: {
      outcomes: ['sent', 'no-plan'],
      act: (turn, frame) => {
        const plan = planOf(turn, frame);
        if (!plan) return 'no-plan';
        turn.say({
          purpose: 'answer',
          text: turn.phrase('calendar-here'),
          buttons: [],
          file: { name: turn.phrase('calendar-name'), type: 'text/calendar', body: calendarOf(turn, plan) },
        });
        return 'sent';
      },
    },
  },
  readers: {},
  options: {
    suggestions: (turn, frame) =>
      offered(turn, frame).map(({ occurrence }, i) => ({
        label: `${i + 1}. ${capital(when(turn, occurrence.starts))}`,
        value: occurrenceId(occurrence),
      })),
  },
  values: {
    suggestions: (turn, frame) =>
      offered(turn, frame)
        .map(({ occurrence, km, reasons }, i) => describe(turn, i + 1, occurrence, km, reasons))
        .join('\n\n'),
    picked: (turn, frame) => {
      const chosen = pickedOccurrence(turn, frame);
      return chosen ? details(turn, planFor(turn, chosen)) : '';
    },
    planDetails: ofPlan(details),
    planMeeting: ofPlan((_turn, plan) => plan.name),
    planWhen: ofPlan((turn, plan) => when(turn, plan.starts)),
    planWhere: ofPlan(whereabouts),
    planNotes: ofPlan((_turn, plan) => plan.notes),
    planHoliday: ofPlan((turn, plan) => holidayLine(turn, plan).join('')),
  },
  links: {
    map: (turn, frame) => {
      const where = planOf(turn, frame)?.where;
      return where
        ? `https://www.openstreetmap.org/?mlat=${where.lat}&mlon=${where.lon}#map=17/${where.lat}/${where.lon}`
        : null;
    },
    /** Norway's public journey planner. */
    route: (turn, frame) => (planOf(turn, frame)?.where ? 'https://entur.no/' : null),
    online: (turn, frame) => planOf(turn, frame)?.online ?? null,
  },
};

const planOf = (turn: Turn, frame: Frame): Plan | undefined =>
  turn.person.plans.find((plan) => plan.id === frame.vars.plan);

/** A word about the plan that the frame speaks of; nothing when it is gone. */
function ofPlan(word: (turn: Turn, plan: Plan) => string) {
  return (turn: Turn, frame: Frame): string => {
    const plan = planOf(turn, frame);
    return plan ? word(turn, plan) : '';
  };
}

/** Notes in the frame which plan it speaks of, with what is needed when the plan itself is gone. */
function about(frame: Frame, { id, date, fellowship }: Plan): void {
  Object.assign(frame.vars, { plan: id, date, fellowship });
}

/** Day and time of a moment in the person's own words: "i morgen kl. 19.00". */
function when(turn: Turn, at: Millis): string {
  const { zone, language } = turn.person;
  return `${sayDay(at, turn.now, zone, language)} ${sayTime(at, zone, language)}`;
}

function suggestions(turn: Turn, near: { lat: number; lon: number }, frame: Frame): Suggestion[] {
  return suggest(turn.reference.meetings, {
    near,
    fellowships: turn.person.fellowships ?? [],
    from: turn.now,
    zone: turn.person.zone,
    // Whoever looks for another one has this one already.
    exclude: `${frame.vars.shown ?? ''} ${frame.vars.plan ?? ''}`.split(' ').filter(Boolean),
  });
}

type Offer = { occurrence: Occurrence; km: number | null; reasons: ReasonId[] };

/** The suggestions that this frame offers, as they stand in the list now. */
function offered(turn: Turn, frame: Frame): Offer[] {
  const kept = JSON.parse(frame.vars.found ?? '[]') as [string, string, number | null, ReasonId[]][];
  return kept.flatMap(([meeting, date, km, reasons]) => {
    const occurrence = occurrenceOf(turn, `${meeting}@${date}`);
    return occurrence ? [{ occurrence, km, reasons }] : [];
  });
}

const pickedOccurrence = (turn: Turn, frame: Frame): Occurrence | null =>
  occurrenceOf(turn, frame.vars.picked ?? '');

function occurrenceOf(turn: Turn, id: string): Occurrence | null {
  const [meetingId, date] = id.split('@');
  const meeting = turn.reference.meetings.find((m) => m.id === meetingId);
  return meeting && date ? { meeting, date, starts: atLocal(date, meeting.time, meeting.zone) } : null;
}

function planFor(turn: Turn, { meeting, date, starts }: Occurrence): Plan {
  return {
    id: `${meeting.id}@${date}`,
    meeting: meeting.id,
    name: meeting.name,
    fellowship: meeting.fellowship,
    openness: meeting.openness,
    date,
    starts,
    minutes: meeting.minutes,
    zone: meeting.zone,
    where: meeting.place,
    online: meeting.online,
    notes: meeting.notes[turn.person.language] ?? meeting.notes.nb ?? '',
    made: turn.now,
  };
}

/** One suggestion in words: what, when, where, how far, and why this one. */
function describe(
  turn: Turn,
  number: number,
  { meeting, starts }: Occurrence,
  km: number | null,
  reasons: ReasonId[],
): string {
  const where = meeting.place ? `${meeting.place.name}, ${meeting.place.town}` : turn.phrase('online');
  const distance = km === null ? '' : ` ${turn.phrase('distance', () => sayKm(km, turn.person.language))}`;
  const why = turn.phrase('why', () => reasons.map((reason) => turn.phrase(`reason-${reason}`)).join(', '));
  return `${number}. ${meeting.name} (${meeting.fellowship})\n${capital(when(turn, starts))}. ${where}.${distance}\n${why}`;
}

function details(turn: Turn, plan: Plan): string {
  return [
    `${plan.name} (${plan.fellowship})`,
    capital(when(turn, plan.starts)),
    whereabouts(turn, plan),
    turn.phrase(`openness-${plan.openness}`),
    ...holidayLine(turn, plan),
  ].join('\n');
}

/** On a day on which doors may be locked although the list says otherwise, a word of it. */
function holidayLine(turn: Turn, plan: Plan): string[] {
  const day = holiday(plan.date);
  return day ? [turn.phrase('on-holiday', () => turn.phrase(`holiday-${day}`))] : [];
}

function whereabouts(turn: Turn, { where }: Plan): string {
  return where ? `${where.name}, ${where.address}, ${where.postcode} ${where.town}` : turn.phrase('online');
}

function calendarOf(turn: Turn, plan: Plan): string {
  return calendarFile(plan, {
    discreet: turn.person.discreet,
    language: turn.person.language,
    uid: `${turn.person.id}-${plan.starts}`,
    stamp: turn.now,
    words: { title: plan.name, neutralTitle: turn.phrase('calendar-neutral') },
  });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const sayKm = (km: number, language: string): string =>
  new Intl.NumberFormat(language, { maximumFractionDigits: km < 10 ? 1 : 0 }).format(km);
