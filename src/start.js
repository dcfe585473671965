// @ts-check
/**
 * The entry of the program: it looks whether this Node can run it, and hands over to main.ts. It exists so that an
 * older Node answers with one sentence instead of a riddle about its first .ts file; so it must never import one
 * before it has looked, and never use syntax that Node 14 cannot read.
 */

if (typeof Temporal === 'undefined' || !process.features.typescript) {
  process.stderr.write('Bli med needs Node 26: run npm ci without --ignore-scripts, or install Node 26\n');
  process.exitCode = 1;
} else {
  import('./main.ts').then(({ main }) => main(process.argv.slice(2)));
}
