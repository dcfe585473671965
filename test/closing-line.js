// @ts-check
/**
 * Prints 'N passed, N failed' (and what was skipped) from vitest's JSON report, as the last line of a test run: a
 * form that a program can read, which vitest's own summary is not. It must never say 0 failed after a run that failed.
 * Usage: node test/closing-line.js report.json exit-status
 */
import { readFileSync } from 'node:fs';

const [file = '', status = ''] = process.argv.slice(2);
const text = readFileSync(file, 'utf8');
/** @type {{ testResults: { status: string, assertionResults: { status: string }[] }[] }} */
const report = text === '' ? { testResults: [] } : JSON.parse(text);
const tests = report.testResults.flatMap((suite) => suite.assertionResults.map((test) => test.status));
const count = (/** @type {string} */ wanted) => tests.filter((found) => found === wanted).length;

// A file that cannot be loaded holds no failed test, and an error outside all tests fails the run alone.
const broken = report.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
).length;
const failed = count('failed') + broken || (status === '0' ? 0 : 1);
const skipped = tests.length - count('passed') - count('failed');
process.stdout.write(
  `${count('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
);
