// Figures of the overview with 100 names: how soon it is painted in a browser whose processor is four
// times slower than this one, and how much processor time of the daemon a poll takes.

import { readFileSync, readdirSync } from 'node:fs';
import { account, ask, browser, open, reset, until } from './lab.mjs';

const names = 100;
const loads = 15;
const polls = 500;
const config = account + Array.from({ length: names }, (_, i) => `
config record 'r${i}'
	option account 'duck'
	list hostname 'n${i}.duckdns.org'
	list interface 'wan'
	list family 'ipv4'
`).join('');

function median(list) {
	return list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
}

/* Processor time of all threads of a process, in ms: the first number of each schedstat is in ns. */
function spent(pid) {
	return readdirSync(`/proc/${pid}/task`)
		.map(task => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6)
		.reduce((sum, ms) => sum + ms, 0);
}

/* When the last of the names was painted, in ms since the navigation began. */
function watch(count) {
	const seen = new MutationObserver(() => {
		if (document.querySelectorAll('[data-state="current"]').length < count)
			return;

		seen.disconnect();
		requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now(); }));
	});

	seen.observe(document, { childList: true, subtree: true });
}

await reset(config);
/* It is a moment before the daemon is on the bus. */
await until(async () => (JSON.stringify(await ask('status').catch(() => '')).match(/"state":"current"/g) || []).length == names);

const page = await open('overview');
const devtools = await page.context().newCDPSession(page);

await page.addInitScript(watch, names);
await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });

const first = [];
const whole = [];

for (let i = 0; i < loads; i++) {
	await page.reload();
	await page.waitForFunction(() => window.painted);
	first.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime));
	whole.push(await page.evaluate(() => window.painted));
}

await page.context().close();
await browser.close();

const pid = (await ask('status')).pid;
const before = spent(pid);

for (let i = 0; i < polls; i++)
	await ask('status');

const poll = (spent(pid) - before) / polls;

console.log(`PageOverview100 first-paint-ms=${median(first).toFixed(0)} all-names-painted-ms=${median(whole).toFixed(0)} (median of ${loads} loads, processor slowed 4x)`);
console.log(`PageStatus100 daemon-cpu-ms/poll=${poll.toFixed(2)} (mean of ${polls} polls)`);
