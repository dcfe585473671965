/**
 * The shape of `content/evidence.yaml`: each claim with its study, its figure and its limits, in plain words. It exists
 * so that nothing is stated as a fact that cannot be looked up; it must never hold a claim without its limits.
 */
import { z } from 'zod';
import { languages } from '../core/words.ts';

const text = z.string().trim().min(1);
const inEveryLanguage = z.record(z.enum(languages), text);

const claim = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'may hold a-z, 0-9 and single hyphens'),
  sources: z.array(z.enum(['P', 'K', 'B', 'L', 'F'])).min(1),
  study: text,
  year: z.int().min(1900).max(2100).nullable(),
  figure: text.nullable(),
  statement: inEveryLanguage,
  limits: inEveryLanguage,
});

export const evidenceSchema = z.array(claim).check(({ value, issues }) => {
  value.forEach(({ id }, index) => {
    if (value.findIndex((other) => other.id === id) < index) {
      issues.push({ code: 'custom', input: id, path: [index, 'id'], message: `${id} is there twice` });
    }
  });
});
