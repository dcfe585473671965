/**
 * The example for Kubernetes, held against the program without a cluster: its settings are ones the program starts with,
 * its probes ask what the program answers, no pod has more rights than it needs, and the figures stay inside.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readConfig, settingsTable } from '../src/config.ts';
import { emptyFolder, freePort, Running } from './fakes/running.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a file holds is looked at, not relied on
type Parsed = any;

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const settings = new Set([...settingsTable().matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name));

const kustomization: Parsed = parse(read('infra/kustomization.yaml'));
const files = readdirSync(join(root, 'infra/kubernetes')).map((name) => `kubernetes/${name}`);
const objects: Parsed[] = files.flatMap((file) =>
  parseAllDocuments(read(`infra/${file}`)).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  }),
);
const one = (kind: string, name: string): Parsed =>
  objects.find((object) => object.kind === kind && object.metadata.name === name);
const pods = objects.flatMap((object): Parsed[] => {
  const { spec, kind, metadata } = object;
  const pod = kind === 'Pod' ? object : (spec?.jobTemplate?.spec.template ?? spec?.template);
  return pod ? [{ name: metadata.name, labels: pod.metadata.labels, ...pod.spec }] : [];
});
const bot = pods.find(({ name }) => name === 'bli-med');
const programs = pods.filter(({ containers: [{ image }] }) => image.includes('bli-med'));

test('everything is applied but the pod to work in, and no secret stands in a file', () => {
  expect(files.toSorted()).toEqual([...kustomization.resources, 'kubernetes/repair.yaml'].toSorted());
  for (const file of kustomization.configMapGenerator.flatMap((map: Parsed) => map.files))
    expect(existsSync(join(root, 'infra', file))).toBe(true);
  expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  const [image] = kustomization.images;
  const repair = pods.find(({ name }) => name === 'repair');
  expect(repair.containers[0].image).toBe(`${image.newName}:${image.newTag}`);
  const claims = repair.volumes.flatMap((volume: Parsed) => volume.persistentVolumeClaim?.claimName ?? []);
  expect(claims).toEqual(['data-bli-med-0', 'data-bli-med-1', 'backups']);
});

test.each(pods)('$name is no root, writes to its volumes only, and has limits', (pod) => {
  expect(pod.securityContext).toMatchObject({
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
  expect(pod.automountServiceAccountToken).toBe(false);
  for (const container of pod.containers) {
    expect(container.securityContext).toEqual({
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    });
    expect(container.resources).toMatchObject({
      requests: { memory: expect.any(String) },
      limits: { memory: expect.any(String) },
    });
    const volumes = [...pod.volumes.map(({ name }: Parsed) => name), 'data'];
    for (const { name } of container.volumeMounts) expect(volumes).toContain(name);
  }
});

test.each(programs)('the settings of $name are ones with which the program runs in production', (pod) => {
  const { env } = pod.containers[0];
  const filled = { 'redis-url': 'redis://bli-med:x@redis', 'telegram-bot-token': '1:x' } as Parsed;
  const values = env.map(({ name, value, valueFrom }: Parsed) => {
    expect([...settings]).toContain(name);
    expect(/TOKEN|URL$/.test(name) && name !== 'PUBLIC_URL').toBe(valueFrom !== undefined);
    return [name, value ?? filled[valueFrom.secretKeyRef.key]];
  });
  const config = readConfig(Object.fromEntries(values));
  expect(config.mode).toBe('production');
  expect(config.redis).not.toBeNull();
  const mounted = pod.containers[0].volumeMounts.map(({ mountPath }: Parsed) => mountPath);
  expect(mounted.some((path: string) => config.dataDir.startsWith(path))).toBe(true);
  expect(config.masterKey).toMatchObject({ path: '/run/secrets/bli-med/master-key' });
  expect(mounted).toContain('/run/secrets/bli-med');
});

test('probes and Prometheus ask for what the program answers, on the ports it listens on', async () => {
  const [container] = bot.containers;
  const ports = Object.fromEntries(
    container.ports.map(({ name, containerPort }: Parsed) => [name, containerPort]),
  );
  const env = Object.fromEntries(container.env.map(({ name, value }: Parsed) => [name, value]));
  expect(ports).toEqual({ web: Number(env.PORT), metrics: Number(env.METRICS_PORT) });
  const scraped = one('StatefulSet', 'bli-med').spec.template.metadata.annotations;
  expect(scraped['prometheus.io/port']).toBe(env.METRICS_PORT);
  const METRICS_PORT = String(await freePort());
  const running = await Running.start({ DATA_DIR: emptyFolder(), METRICS_PORT });
  try {
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
      const { path, port } = container[probe].httpGet;
      expect([probe, port, (await fetch(`${running.address}${path}`)).status]).toEqual([probe, 'web', 200]);
    }
    expect(container.readinessProbe.httpGet.path).toBe('/readyz');
    expect(container.livenessProbe.httpGet.path).toBe('/healthz');
    const figures = await fetch(`http://127.0.0.1:${METRICS_PORT}${scraped['prometheus.io/path']}`);
    expect(figures.status).toBe(200);
  } finally {
    await running.stop();
  }
});

test('two pods, of which one always stays', () => {
  expect(one('StatefulSet', 'bli-med').spec.replicas).toBe(2);
  const budget = one('PodDisruptionBudget', 'bli-med').spec;
  expect(budget).toEqual({ minAvailable: 1, selector: { matchLabels: bot.labels } });
});

test('the figures are for Prometheus, Redis is for the program, and the outside sees the chat alone', () => {
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
  const ways = policies.flatMap(({ spec }) =>
    (spec.ingress ?? []).map(({ from, ports }: Parsed) => ({
      to: spec.podSelector.matchLabels.app,
      ports: ports.map(({ port }: Parsed) => port),
      from: from.map(
        (peer: Parsed) => peer.namespaceSelector?.matchLabels ?? peer.podSelector.matchExpressions[0].values,
      ),
    })),
  );
  expect(
    policies.some(({ spec }) => JSON.stringify(spec) === '{"podSelector":{},"policyTypes":["Ingress"]}'),
  ).toBe(true);
  expect(ways).toEqual([
    { to: 'bli-med', ports: [8080], from: [{ 'kubernetes.io/metadata.name': 'ingress-nginx' }] },
    { to: 'bli-med', ports: [9464], from: [{ 'kubernetes.io/metadata.name': 'monitoring' }] },
    {
      to: 'redis',
      ports: [6379],
      from: [[bot.labels.app, pods.find(({ name }) => name === 'backup').labels.app]],
    },
  ]);
  for (const { spec } of objects.filter(({ kind }) => kind === 'Service')) {
    expect(spec.type).toBeUndefined();
    expect(spec.ports.map(({ targetPort }: Parsed) => targetPort)).toEqual([
      spec.selector.app === 'redis' ? 'redis' : 'web',
    ]);
  }
});
