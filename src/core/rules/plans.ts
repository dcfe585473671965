/**
 * From a wish to a plan: three suggestions with their reasons, the chosen one, what it is and how to get there, a
 * calendar file, and dropping it again. It must never offer what can no longer be reached, nor keep a plan whose
 * meeting is gone from the list.
 */
import { calendarFile } from '../calendar.ts';
import { linesFor } from '../help-lines.ts';
import { holiday } from '../holidays.ts';
import { reportedBy } from '../knowledge.ts';
import { distanceKm, fromHome, type Meeting, type Point } from '../meeting.ts';
import { capital, describe, details, holidayLine, type Offer, when, whereabouts } from '../meeting-words.ts';
import { type Occurrence, occurrenceId, occurrenceOn } from '../occurrence.ts';
import { isOff, type Plan, upcoming, withoutPlan, withPlan } from '../plan.ts';
import { NEARBY_KM, type Want, type Wish } from '../ranking.ts';
import { enrolled, type Frame, type Person } from '../records.ts';
import { type ReasonId, suggest } from '../suggest.ts';
import { atLocal, type Millis, toLocal } from '../time.ts';
import type { Part, Rule, Turn } from '../turn.ts';

/** A plan that nobody has spoken of for this long after its meeting is laid aside. */
const planFades: Millis = 7 * 24 * 3_600_000;

/** A discharge has a date only; most people are out by noon. */
const leavesAt = '12:00';
/** So many badly fitting meetings are remembered. */
const mostUnfit = 20;

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
    /** What is offered lies too far off to go to on an ordinary evening. */
    'far-away': (turn, frame) => {
      const away = offered(turn, frame).map(({ km }) => km);
      return !away.some(isNear) && away.some((km) => km !== null);
    },
    /** Nothing of what is offered is near, but one can take part in some of it from home. */
    'bridge-online': (turn, frame) => {
      const away = offered(turn, frame).map(({ km }) => km);
      return !away.some(isNear) && away.includes(null);
    },
    /** The person is in LAR, and nobody has vouched for any of what is offered. */
    'lar-unmarked': (turn, frame) =>
      turn.person.situation.lar === true &&
      offered(turn, frame).every(({ occurrence }) => occurrence.meeting.vouched?.lar === undefined),
    'has-group-lines': (turn, frame) => groupLines(turn, frame) !== '',
    'on-holiday': (turn, frame) => holiday(planOf(turn, frame)?.date ?? '2000-01-03') !== null,
    'has-notes': (turn, frame) => Boolean(planOf(turn, frame)?.notes),
    'picked-notes': (turn, frame) => Boolean(picked(turn, frame)?.notes),
    /** Plans are for those who are enrolled, and for what has not begun. */
    'may-plan': (turn, frame) => enrolled(turn.person) && (picked(turn, frame)?.starts ?? 0) > turn.now,
    /** The list does not say any more that it runs then. */
    'plan-off': (turn, frame) => {
      const plan = planOf(turn, frame);
      return plan !== undefined && isOff(plan, turn.reference.meetings, turn.now);
    },
    /** What the frame speaks of is today. */
    'plan-today': (turn, frame) => isToday(turn, planOf(turn, frame)),
  },
  actions: {
    suggest: {
      outcomes: ['found', 'none', 'no-place'],
      act: (turn, frame) => {
        if (!turn.person.place) return 'no-place';
        const found = suggest(turn.reference.meetings, wishOf(turn, turn.person.place, frame));
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
    /** What the frame speaks of did not suit the person; its group is not suggested again. */
    'note-bad-fit': {
      outcomes: ['done'],
      act: (turn, frame) => {
        const [meeting] = (frame.vars.plan ?? '').split('@');
        const { person } = turn;
        if (meeting) person.unfit = [...new Set([...(person.unfit ?? []), meeting])].slice(-mostUnfit);
        return 'done';
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
        .map((offer, i) => describe(turn, i + 1, offer))
        .join('\n\n'),
    picked: (turn, frame) => {
      const chosen = picked(turn, frame);
      return chosen ? details(turn, chosen) : '';
    },
    pickedNotes: (turn, frame) => picked(turn, frame)?.notes ?? '',
    /** The telephones of the fellowships, a line each. */
    linesGroups: groupLines,
    planDetails: ofPlan(details),
    planMeeting: ofPlan((_turn, plan) => plan.name),
    planWhen: ofPlan((turn, plan) => when(turn, plan.starts)),
    planWhere: ofPlan(whereabouts),
    planNotes: ofPlan((_turn, plan) => plan.notes),
    planHoliday: ofPlan((turn, plan) => holidayLine(turn, plan).join('')),
  },
  links: {
    map: (turn, frame) => mapOf(planOf(turn, frame)),
    route: (turn, frame) => routeOf(planOf(turn, frame)),
    online: (turn, frame) => planOf(turn, frame)?.online ?? null,
    'picked-map': (turn, frame) => mapOf(picked(turn, frame)),
    'picked-route': (turn, frame) => routeOf(picked(turn, frame)),
    'picked-online': (turn, frame) => picked(turn, frame)?.online ?? null,
  },
};

const mapOf = (plan: Plan | undefined): string | null =>
  plan?.where
    ? `https://www.openstreetmap.org/?mlat=${plan.where.lat}&mlon=${plan.where.lon}#map=17/${plan.where.lat}/${plan.where.lon}`
    : null;

/** Norway's public journey planner. */
const routeOf = (plan: Plan | undefined): string | null => (plan?.where ? 'https://entur.no/' : null);

function isToday({ now, person: { zone } }: Turn, plan: Plan | undefined): boolean {
  return plan !== undefined && toLocal(plan.starts, zone).date === toLocal(now, zone).date;
}

const isNear = (km: number | null): boolean => km !== null && km <= NEARBY_KM;

/** Those of the fellowship that is spoken of, or else of all that the person is open to. */
function groupLines({ person, reference }: Turn, { vars }: Frame): string {
  const open = person.fellowships?.length ? person.fellowships : ['AA', 'NA'];
  const wanted = vars.fellowship ? [vars.fellowship] : open;
  return (['aa', 'na'] as const)
    .filter((topic) => wanted.includes(topic.toUpperCase()))
    .map((topic) => linesFor(reference.helpLines, topic, person.language))
    .filter(Boolean)
    .join('\n');
}

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

/** What the person hopes for, as the ranking asks for it. */
function wishOf(turn: Turn, near: Point, frame: Frame): Wish {
  const { person, world, now } = turn;
  const { lar, medication, young } = person.situation;
  const wants: Want[] = [
    ...person.wishes,
    ...(lar ? (['lar', 'medication'] as const) : []),
    ...(medication ? (['medication'] as const) : []),
    ...(young ? (['young'] as const) : []),
  ];
  const discharge = world.invitation?.discharge ?? null;
  return {
    near,
    fellowships: person.fellowships ?? [],
    from: now,
    zone: person.zone,
    // Whoever looks for another one has this one already.
    exclude: `${frame.vars.shown ?? ''} ${frame.vars.plan ?? ''}`.split(' ').filter(Boolean),
    wants: [...new Set(wants)],
    // Whether somebody who reads English also gets along in Norwegian was never asked.
    understands: ['nb', 'nn', 'no', ...(person.language === 'en' || wants.includes('english') ? ['en'] : [])],
    avoid: [...(person.unfit ?? []), ...reportedBy(world.knowledge, person.id)],
    discharge: discharge === null ? null : atLocal(discharge, leavesAt, person.zone),
  };
}

/** The suggestions that this frame offers, as they stand in the list now. */
function offered(turn: Turn, frame: Frame): Offer[] {
  const kept = JSON.parse(frame.vars.found ?? '[]') as [string, string, number | null, ReasonId[]][];
  return kept.flatMap(([meeting, date, km, reasons]) => {
    const occurrence = occurrenceOf(turn, `${meeting}@${date}`);
    return occurrence ? [{ occurrence, km, reasons }] : [];
  });
}

/** What was picked, as the plan it would be. */
function picked(turn: Turn, frame: Frame): Plan | undefined {
  const chosen = pickedOccurrence(turn, frame);
  return chosen ? planFor(turn, chosen) : undefined;
}

const pickedOccurrence = (turn: Turn, frame: Frame): Occurrence | null =>
  occurrenceOf(turn, frame.vars.picked ?? '');

function occurrenceOf(turn: Turn, id: string): Occurrence | null {
  const [meetingId = '', date] = id.split('@');
  const meeting = turn.reference.meetings.get(meetingId);
  return meeting && date ? occurrenceOn(meeting, date) : null;
}

/** One takes part in a meeting far away by its link, as it was suggested. */
function isFromHome({ person }: Turn, meeting: Meeting): boolean {
  const { place } = meeting;
  return fromHome(meeting) && place !== null && person.place !== null
    ? distanceKm(person.place, place) > NEARBY_KM
    : place === null;
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
    where: isFromHome(turn, meeting) ? null : meeting.place,
    online: meeting.online,
    ...(meeting.phone === undefined ? {} : { phone: meeting.phone }),
    notes: meeting.notes[turn.person.language] ?? meeting.notes.nb ?? '',
    made: turn.now,
  };
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
