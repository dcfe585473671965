/**
 * What a benchmark found, printed as a table and written into BENCHMARKS.md with the machine it ran on. A section is replaced only
 * when its benchmark ran; nobody writes figures there by hand.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

export type Report = {
  /** One word, by which it is asked for. */
  id: string;
  title: string;
  /** What is measured, and how. */
  about: string;
  columns: string[];
  rows: { name: string; cells: (number | null)[] }[];
  /** What was hoped for, what came, and whether that is it. */
  aims: { aim: string; came: string; reached: boolean }[];
  plot?: string[];
};

const file = new URL('../../BENCHMARKS.md', import.meta.url);

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A ratio with two figures behind the point. */
export const times = (ratio: number): string => `${ratio.toFixed(2)} x`;

/** As many figures as can be meant. */
function figure(value: number | null): string {
  if (value === null || Number.isNaN(value)) return '–';
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 10 ? 1 : 2);
}

export function inMarkdown({ title, about, columns, rows, aims, plot }: Report): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [
    `## ${title}`,
    '',
    about,
    '',
    line(['', ...columns]),
    line(['---', ...columns.map(() => '---:')]),
    ...rows.map(({ name, cells }) => line([name, ...cells.map(figure)])),
    ...(aims.length > 0 ? [''] : []),
    ...aims.map(
      ({ aim, came, reached }) => `- ${reached ? 'reached' : '**not reached**'}: ${aim}; it was ${came}.`,
    ),
    ...(plot ? ['', '```text', ...plot, '```'] : []),
    '',
    `Measured on ${machine()}.`,
    '',
  ].join('\n');
}

/** Puts the report in the place of the one of the same name. */
export function record(report: Report): void {
  const [start, end] = [`<!-- ${report.id} -->\n`, `<!-- end of ${report.id} -->`];
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`BENCHMARKS.md has no place for ${report.id}`);
  writeFileSync(file, `${text.slice(0, from + start.length)}\n${inMarkdown(report)}\n${text.slice(to)}`);
}

function machine(): string {
  const { model = 'unknown' } = cpus()[0] ?? {};
  const redis = /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1];
  const memory = Math.round(totalmem() / 2 ** 30);
  const date = new Date().toISOString().slice(0, 10);
  const kernel = release().split('-')[0];
  return `${date}: ${cpus().length} cores (${model.trim()}), ${memory} GiB, Linux ${kernel}, Node ${process.version}, Redis ${redis}`;
}
