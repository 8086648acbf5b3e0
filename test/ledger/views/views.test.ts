/** Who gets which view, and what a view begins with: the cases of docs/design.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseScraper } from '../../../src/config/scrapers.ts';
import { connection, HOLD, pass, Scene, Server, who } from './scene.ts';

const MINUTES = 60_000;

/** Servers that have scraped for ten minutes, and five events that all have seen. */
function begun(...servers: Server[]): Scene {
  const scene = new Scene();
  pass(scene, servers, 5 * MINUTES);
  scene.count('r', 5);
  pass(scene, servers, 5 * MINUTES);
  return scene;
}

function seesAll(server: Server, events: number): void {
  assert.equal(server.first('r'), 0);
  assert.equal(server.increase('r'), events);
}

test('a series that was at 0 for long shows its first event at once', () => {
  const server = new Server(who('10.0.0.1'), 15_000, 0);
  const scene = new Scene();
  scene.series('r');
  pass(scene, [server], 60_000);
  scene.count('r');
  assert.equal(scene.scrape(who('10.0.0.1')).get('r'), 1);
});

test('where it is seen when a series was created, its first event is shown at once, a second after it', () => {
  const server = new Server(who('10.0.0.1'), 15_000, 0, 0);
  const scene = begun(server);
  scene.count('early');
  scene.now += 1001;
  scene.count('late');
  const found = scene.scrape(server.who, connection(), true);
  assert.deepEqual([found.get('early'), found.get('late')], [1, 0]);
  assert.equal(scene.scrape(server.who, connection()).get('late'), 0);
  scene.now += 1001;
  assert.equal(scene.scrape(server.who, connection(), true).get('late'), 1);
});

test('when a series was created is known after a restart; of what the very first start found it is not', () => {
  const scene = new Scene();
  scene.ledger.inBaseline = true;
  scene.count('old');
  scene.ledger.endBaseline();
  scene.count('new');
  const born = scene.series('new').created;
  assert.ok(born > 0);
  scene.now += 5000;
  scene.restart();
  assert.deepEqual([scene.series('old').created, scene.series('new').created], [0, born]);
  assert.ok(Number.isNaN(scene.series('new').last));
});

test('what the very first start found is shown as it is', () => {
  const scene = new Scene();
  scene.ledger.inBaseline = true;
  scene.count('r', 5);
  scene.ledger.endBaseline();
  assert.equal(scene.scrape(who('10.0.0.1')).get('r'), 5);
});

test('a slow scraper has the hold of two of its own intervals, whatever a quick one does', () => {
  const servers = [new Server(who('10.0.0.1'), 15_000, 0), new Server(who('10.0.0.2'), 60_000, 9000)];
  const scene = begun(...servers);
  scene.count('first');
  pass(scene, servers, 5 * MINUTES);
  for (const server of servers) assert.deepEqual([server.first('first'), server.increase('first')], [0, 1]);
});

test('who scrapes every three minutes sees what happens, and so does who comes when it likes', () => {
  const slow = new Server(who('10.0.0.1'), 180_000, 0);
  const scene = begun(slow);
  scene.count('r');
  pass(scene, [slow], 30 * MINUTES);
  seesAll(slow, 6);
  for (let n = 0; n < 12; n++) {
    scene.now += n % 2 === 0 ? 150_000 : 400_000;
    scene.scrape(who('10.0.0.2'));
  }
  assert.equal(scene.scrape(who('10.0.0.2')).get('r'), 6);
});

test('away while events come, and a stranger scrapes all the time, from its own address and from the same one', () => {
  for (const stranger of [who('10.0.0.9'), who('10.0.0.1', { agent: 'curl/7.88.1' })]) {
    const server = new Server(who('10.0.0.1'), 15_000, 0);
    const scene = begun(server);
    server.leave();
    scene.count('r', 3);
    for (let n = 0; n < 60; n++) {
      scene.now += 20_000;
      scene.scrape(stranger);
    }
    server.comeBack(scene);
    pass(scene, [server], 5 * MINUTES);
    seesAll(server, 8);
  }
});

test('the same, and it comes back at a new address', () => {
  for (const known of [true, false]) {
    const server = new Server(who('10.0.0.1'), 15_000, 0);
    const scene = begun(server);
    // Known for long, or only since the server is away.
    for (let n = 0; n < 20 && known; n++) {
      pass(scene, [server], 10_000);
      scene.scrape(who('10.0.0.9'));
    }
    server.leave();
    scene.count('r', 3);
    for (let n = 0; n < 60; n++) {
      scene.now += 20_000;
      scene.scrape(who('10.0.0.9'));
    }
    server.move(scene, '10.0.0.2');
    pass(scene, [server], 5 * MINUTES);
    seesAll(server, 8);
  }
});

test('a server that moves again and again, each time at once or after a while', () => {
  const server = new Server(who('10.0.0.1'), 15_000, 0);
  const scene = begun(server);
  for (let n = 2; n < 12; n++) {
    server.leave();
    pass(scene, [server], n % 2 === 0 ? 10_000 : 15 * MINUTES);
    server.move(scene, `10.0.0.${n}`);
    scene.count('r');
    pass(scene, [server], 5 * MINUTES);
  }
  seesAll(server, 15);
  assert.ok(scene.views.size <= 3, 'views of before are forgotten');
});

test('a pair that is moved one after the other', () => {
  const servers = [new Server(who('10.0.0.1'), 15_000, 0), new Server(who('10.0.0.2'), 15_000, 6000)];
  const scene = begun(...servers);
  for (const [index, server] of servers.entries()) {
    server.leave();
    pass(scene, servers, 45_000);
    scene.count('r');
    server.move(scene, `10.0.1.${index}`);
    pass(scene, servers, 5 * MINUTES);
  }
  for (const server of servers) seesAll(server, 7);
});

test('a one-off request with the header, long ago, is nobody to be compared with', () => {
  const server = new Server(who('10.0.0.1'), 15_000, 0);
  const scene = new Scene();
  scene.scrape(who('10.0.0.9'));
  scene.scrape(who('10.0.0.9'));
  pass(scene, [server], 5 * MINUTES);
  scene.count('r', 5);
  pass(scene, [server], 5 * MINUTES);
  server.move(scene, '10.0.0.2');
  pass(scene, [server], 5 * MINUTES);
  seesAll(server, 5);
});

test('users are configured, or another version scrapes: nothing falls', () => {
  for (const change of [{ group: 'user prometheus' }, { agent: 'Prometheus/3.0.0' }]) {
    const server = new Server(who('10.0.0.1'), 15_000, 0);
    const scene = begun(server);
    server.who = { ...server.who, ...change };
    pass(scene, [server], 5 * MINUTES);
    scene.count('r');
    pass(scene, [server], 5 * MINUTES);
    seesAll(server, 6);
  }
});

test('a server with a user comes to an address that a stranger had', () => {
  const server = new Server(who('10.0.0.1', { group: 'user prometheus' }), 15_000, 0);
  const scene = new Scene();
  for (let n = 0; n < 9; n++) {
    scene.now += 10_000;
    scene.scrape(who('10.0.0.9'));
  }
  pass(scene, [server], 5 * MINUTES);
  scene.count('r', 5);
  pass(scene, [server], 5 * MINUTES);
  server.move(scene, '10.0.0.9');
  pass(scene, [server], 5 * MINUTES);
  seesAll(server, 5);
});

test('a flood of addresses evicts nobody who is known, and those beyond the bound share a view', () => {
  const server = new Server(who('10.0.0.1'), 15_000, 0);
  const known = new Server(who('10.0.0.2', { group: 'user prometheus' }), 15_000, 0);
  const scene = begun(server, known);
  server.leave();
  scene.count('r', 3);
  for (let n = 0; n < 3000; n++) {
    scene.now += 500;
    scene.scrape(who(`10.1.${n % 200}.1`, { agent: `a${n % 3}` }));
  }
  assert.ok(scene.views.size <= 41, String(scene.views.size));
  assert.ok(scene.crowded > 0);
  server.comeBack(scene);
  // Those who are known have room of their own.
  const late = new Server(who('10.0.0.3', { group: 'scrapers 10.0.0.0/24' }), 15_000, scene.now - 1_000_000);
  pass(scene, [server, known, late], 5 * MINUTES);
  scene.count('r');
  pass(scene, [server, known, late], 5 * MINUTES);
  seesAll(server, 9);
  assert.ok(late.increase('r') >= 1);
});

test('one network of IPv6 takes no more room than one address', () => {
  const scene = new Scene();
  for (let n = 0; n < 100; n++) scene.scrape(who(`2001:db8::${n.toString(16)}`));
  for (let n = 0; n < 100; n++) scene.scrape(who('10.0.0.1', { agent: `a${n}` }));
  assert.equal(scene.views.size, 8 + 8 + 1);
});

test('a view that nobody used for a week is forgotten, and who comes then sees no fall', () => {
  const server = new Server(who('10.0.0.1'), 15_000, 0);
  const scene = begun(server);
  scene.now += 8 * 24 * 60 * MINUTES;
  assert.equal(scene.scrape(who('10.0.0.2'), connection()).get('r'), 5);
  assert.equal(scene.views.size, 1);
});

test('after a restart each goes on where it stood, and what was read in between is an increase', () => {
  const servers = [new Server(who('10.0.0.1'), 15_000, 0), new Server(who('10.0.0.2'), 60_000, 9000)];
  const scene = begun(...servers);
  scene.count('r', 2);
  pass(scene, servers, 16_000);
  scene.now += 20 * MINUTES;
  scene.count('r', 4);
  scene.restart();
  for (const server of servers) {
    server.leave();
    server.comeBack(scene);
  }
  pass(scene, servers, 10 * MINUTES);
  for (const server of servers) seesAll(server, 11);
});

test('the hold ends with the first scrape that comes at least its time later', () => {
  const scene = new Scene();
  scene.count('r');
  const on = connection();
  const seen = [0, HOLD / 2, HOLD / 2 - 1, 1].map((time) => {
    scene.now += time;
    return scene.scrape(who('10.0.0.1'), on).get('r');
  });
  assert.deepEqual(seen, [0, 0, 0, 1]);
});

test('what --web.scrapers takes', () => {
  for (const right of ['10.0.0.1', '10.0.0.0/8', '::1', '2001:db8::/32', '0.0.0.0/0'])
    assert.ok(parseScraper(right), right);
  for (const wrong of ['', 'prometheus', '10.0.0.1/33', '10.0.0.1/', '::/129', '10.0.0.0/8/8', '10.0.0.0/-1'])
    assert.equal(parseScraper(wrong), undefined, wrong);
});
