// What every click path begins with: a browser, a router that can be acted upon, and what must
// never be there.

import { chromium } from 'playwright-core';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';

const url = process.env.PAGE_URL;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shots = process.env.PAGE_SHOTS;

/* LuCI's own client side, or our stand-in for it. */
export const real = Boolean(process.env.PAGE_LUCI);
/* How long anything may take on a machine that is busy, in ms; nothing waits for as long as that. */
export const patience = 30000;
export const secret = 'a7c4d0ad-114e-40ef-ba1d-d217904a50f2';
export const evil = '<img src=x onerror="window.pwned=1">';

export const account = `config wandns 'main'

config account 'duck'
	option provider 'duckdns'
	option token '${secret}'
`;
export const home = account + `
config record 'home'
	option account 'duck'
	list hostname 'home.duckdns.org'
	list interface 'wan'
`;

export const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
	args: [ '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage' ]
});

export async function control(what, body = '') {
	const reply = await fetch(`${url}/control/${what}`, { method: 'POST', body });
	const text = await reply.text();

	assert.equal(reply.status, 200, `${what}: ${text}`);

	return text;
}

/* The view is there, and LuCI's own work of showing it is done. */
async function shown(page) {
	await page.waitForFunction(() => document.querySelector('#view') && !document.querySelector('#view > .spinning'), null, { timeout: patience });
}

/* Opens a view in a browser of its own and collects what must not be there. */
export async function open(view, { clock, ...options } = {}, query = '') {
	const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, locale: 'en-GB', ...options });
	const page = await context.newPage();

	if (clock)
		await page.clock.install();

	page.setDefaultTimeout(patience);
	page.complaints = [];
	page.on('pageerror', e => page.complaints.push(String(e.stack || e)));
	page.on('console', m => m.type() == 'error' && page.complaints.push(m.text() + ' ' + m.location().url));
	await page.goto(`${url}/cgi-bin/luci/admin/${view == 'status' ? view : 'services/wandns/' + view}${query}`);
	await shown(page);

	return page;
}

export async function reload(page) {
	await page.reload();
	await shown(page);
}

/* Save & Apply ends with the page loaded anew. */
export async function apply(page) {
	await Promise.all([
		page.waitForEvent('load', { timeout: patience }),
		page.getByRole('button', { name: 'Save & Apply' }).first().click()
	]);
	await shown(page);
}

/* Asks again until it is so. */
export async function until(so, otherwise = () => 'it never came to be') {
	const end = Date.now() + patience;

	while (!await so())
		assert.ok(Date.now() < end, otherwise());
}

/* What is in the configuration once it holds a text. */
export async function written(wanted) {
	let text = '';

	await until(async () => (text = await control('config')).includes(wanted), () => text);

	return text;
}

/* What the daemon answers on the bus, asked beside the page. */
export async function ask(method, args = {}) {
	const reply = await fetch(`${url}/ubus/`, { method: 'POST', body: JSON.stringify({
		jsonrpc: '2.0', id: 1, method: 'call', params: [ '', 'wandns', method, args ]
	}) });

	return (await reply.json()).result[1];
}

/* Puts our part of Status → Overview in place of the view, as LuCI's own page takes it. */
export async function include(page) {
	await page.evaluate(async () => {
		const part = await L.require('view.status.include.45_wandns');

		document.querySelector('#view').replaceChildren(part.render(await part.load()));
	});
}

export async function shoot(page, name) {
	if (shots)
		await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
}

export async function done(page) {
	assert.deepEqual(page.complaints, []);
	assert.equal(await page.evaluate(() => window.pwned), undefined);
	await page.context().close();
}

/* No violation of what can be checked by a program; colours of LuCI's own theme are not ours. */
export async function accessible(page) {
	await page.evaluate(axe);

	const found = await page.evaluate(theme => window.axe.run('#view', {
		rules: theme ? { 'color-contrast': { enabled: false }, 'label': { enabled: false }, 'select-name': { enabled: false }, 'empty-table-header': { enabled: false } } : {}
	}), real);

	assert.deepEqual(found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | ')), []);
}

/* A router as after its first boot, with this configuration. */
export async function reset(text) {
	await control('address');
	await control('real');
	await control('read-only', '0');
	await control('revert');
	await control('halt');
	await control('forget');
	await control('answer', '');
	await control('rival', '');
	await control('configure', text);
	await control('start');
}
