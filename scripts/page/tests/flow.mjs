// The click paths of the page, in a real browser, against the real program.

import { chromium } from 'playwright-core';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';

const url = process.env.PAGE_URL;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shots = process.env.PAGE_SHOTS;
const only = process.env.PAGE_ONLY;
const real = Boolean(process.env.PAGE_LUCI);
const patience = 10000;
const secret = 'a7c4d0ad-114e-40ef-ba1d-d217904a50f2';
const evil = '<img src=x onerror="window.pwned=1">';

const account = `config wandns 'main'

config account 'duck'
	option provider 'duckdns'
	option token '${secret}'
`;
const home = account + `
config record 'home'
	option account 'duck'
	list hostname 'home.duckdns.org'
	list interface 'wan'
`;

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
	args: [ '--no-sandbox', '--disable-gpu' ]
});

async function control(what, body = '') {
	const reply = await fetch(`${url}/control/${what}`, { method: 'POST', body });
	const text = await reply.text();

	assert.equal(reply.status, 200, `${what}: ${text}`);

	return text;
}

/* Opens a view in a browser of its own and collects what must not be there. */
async function open(view, options = {}, query = '') {
	const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, locale: 'en-GB', ...options });
	const page = await context.newPage();

	page.setDefaultTimeout(patience);
	page.complaints = [];
	page.on('pageerror', e => page.complaints.push(String(e.stack || e)));
	page.on('console', m => m.type() == 'error' && page.complaints.push(m.text() + ' ' + m.location().url));
	await page.goto(`${url}/cgi-bin/luci/admin/services/wandns/${view}${query}`);
	await page.waitForFunction(() => !document.querySelector('#view > .spinning'), null, { timeout: patience });

	return page;
}

async function shoot(page, name) {
	if (shots)
		await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
}

async function done(page) {
	assert.deepEqual(page.complaints, []);
	assert.equal(await page.evaluate(() => window.pwned), undefined);
	await page.context().close();
}

/* No violation of what can be checked by a program; colours of LuCI's own theme are not ours. */
async function accessible(page) {
	await page.evaluate(axe);

	const found = await page.evaluate(theme => window.axe.run('#view', {
		rules: theme ? { 'color-contrast': { enabled: false }, 'label': { enabled: false }, 'select-name': { enabled: false }, 'empty-table-header': { enabled: false } } : {}
	}), real);

	assert.deepEqual(found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | ')), []);
}

async function reset(text) {
	await control('address');
	await control('real');
	await control('read-only', '0');
	await fetch(`${url}/cgi-bin/luci/admin/uci/revert`, { method: 'POST' });
	await control('halt');
	await control('forget');
	await control('answer', '');
	await control('configure', text);
	await control('start');
}

const tests = {
	async 'first run, from nothing to a green badge'() {
		await control('configure', "config wandns 'main'\n");
		await control('start');

		const page = await open('overview');

		await page.getByRole('searchbox').fill('duckd');
		await page.getByLabel('Service', { exact: true }).waitFor();
		assert.equal(await page.locator('select').first().inputValue(), 'duckdns');
		await page.locator('input[type=password]:visible').first().fill(secret);
		assert.ok(await page.getByText('at the top of the page').isVisible(), 'help says where the token is');
		await page.locator('[data-name="hostname"] input[type=text]:visible').first().fill('home.duckdns.org');
		await page.locator('[data-name="hostname"] input[type=text]:visible').first().press('Enter');
		await accessible(page);
		await shoot(page, 'first-run');
		await page.getByRole('button', { name: 'Save & Apply' }).first().click();
		await page.locator('[data-state="current"][data-type="A"]').waitFor({ timeout: patience });
		await page.locator('[data-state="current"][data-type="AAAA"]').waitFor({ timeout: patience });
		assert.ok(await page.getByText('192.88.99.7').first().isVisible());
		await shoot(page, 'green');
		await done(page);

		const written = await control('config');

		assert.ok(written.includes(`option token '${secret}'`), written);
		assert.ok(written.includes("list interface 'wan6'"), written);
	},

	async 'a change of the address shows within two seconds, without a reload'() {
		await reset(home);

		const page = await open('overview');

		await page.locator('[data-state="current"][data-type="A"]').waitFor({ timeout: patience });
		await page.evaluate(() => { window.sameDocument = true; });
		await control('renumber', '["192.88.99.7/24","192.88.98.8/24"]');

		const began = Date.now();

		await page.locator('[data-type="A"]').getByText('192.88.98.8').first().waitFor({ timeout: patience });
		assert.ok(Date.now() - began < 3000, `after ${Date.now() - began} ms`);
		assert.ok(await page.evaluate(() => window.sameDocument));
		await control('renumber', '["192.88.98.8/24","192.88.99.7/24"]');
		await accessible(page);
		await done(page);
	},

	async 'a refusal says why and what to do; update now and the history work by keyboard'() {
		await reset(home);

		const page = await open('overview');

		await page.locator('[data-state="current"][data-type="A"]').waitFor({ timeout: patience });
		await control('answer', 'KO');
		await control('renumber', '["192.88.99.7/24","192.88.97.9/24"]');

		await page.locator('[data-state="held"]').first().waitFor({ timeout: patience });
		await page.locator('.wandns-do').first().waitFor({ timeout: patience });
		assert.match(await page.locator('.wandns-do').first().innerText(), /credentials.*token/s);
		await shoot(page, 'held');
		await control('answer', '');
		await page.getByRole('button', { name: 'Update now: home' }).focus();
		await page.keyboard.press('Enter');
		await page.locator('[data-state="current"][data-type="A"]').waitFor({ timeout: patience });
		await page.getByRole('button', { name: 'History: home' }).focus();
		await page.keyboard.press('Enter');
		await page.locator('svg.wandns-plot').waitFor({ timeout: patience });
		assert.ok(await page.locator('svg.wandns-plot circle.good').count() > 0);
		assert.ok(await page.locator('svg.wandns-plot rect.bad').count() > 0);
		await shoot(page, 'history');
		await page.keyboard.press('Enter');
		await page.locator('svg.wandns-plot').waitFor({ state: 'hidden' });
		await control('renumber', '["192.88.97.9/24","192.88.99.7/24"]');
		await done(page);
	},

	async 'no secret reaches the browser, and an editor keeps it unless a new one is typed'() {
		await reset(home);

		const page = await open('config');
		const seen = [];

		page.on('response', async r => seen.push(await r.text().catch(() => '')));
		await page.reload();
		await page.waitForFunction(() => !document.querySelector('#view > .spinning'), null, { timeout: patience });
		await shoot(page, 'config');

		const edit = () => page.locator('[data-section-id="duck"], [data-sid="duck"]').getByRole('button', { name: 'Edit' }).first().click();

		await edit();
		await page.locator('.modal input[type=password]:visible').first().waitFor({ timeout: patience });
		assert.equal(await page.locator('.modal input[type=password]:visible').first().inputValue(), '');
		await shoot(page, 'account');
		await page.locator('.modal').getByRole('button', { name: 'Save' }).click();
		await page.locator('.modal input[type=password]').first().waitFor({ state: 'hidden', timeout: patience });
		assert.ok(!seen.join('\n').includes(secret));

		await edit();
		await page.locator('.modal input[type=password]:visible').first().fill('new-token-typed');
		await page.locator('.modal').getByRole('button', { name: 'Save' }).click();
		await page.locator('.modal input[type=password]').first().waitFor({ state: 'hidden', timeout: patience });
		await page.getByRole('button', { name: 'Save & Apply' }).first().click();

		const end = Date.now() + patience;
		let written = '';

		while (!written.includes('new-token-typed') && Date.now() < end)
			written = await control('config');

		assert.ok(written.includes("option token 'new-token-typed'"), written);
		assert.ok(written.includes("option provider 'duckdns'"), written);
		await done(page);
	},

	async 'a record is made in its editor'() {
		await reset(home);

		const page = await open('config');
		const grid = page.locator('.cbi-section', { has: page.getByRole('heading', { name: 'Records', exact: true }) });

		await grid.locator('input[type=text]').last().pressSequentially('nas');
		await grid.getByRole('button', { name: 'Add record' }).click();
		await page.locator('.modal [data-name="hostname"] input[type=text]:visible').first().waitFor({ timeout: patience });
		await page.locator('.modal [data-name="hostname"] input[type=text]:visible').first().fill('nas.duckdns.org');
		await page.locator('.modal [data-name="hostname"] input[type=text]:visible').first().press('Enter');
		await accessible(page);
		await shoot(page, 'record');
		await page.locator('.modal').getByRole('button', { name: 'Save' }).click();
		await page.locator('.modal [data-name="hostname"]').first().waitFor({ state: 'hidden', timeout: patience });
		await page.getByText('nas.duckdns.org').first().waitFor({ timeout: patience });
		await page.getByRole('button', { name: 'Save & Apply' }).first().click();

		const end = Date.now() + patience;
		let written = '';

		while (!written.includes("config record 'nas'") && Date.now() < end)
			written = await control('config');

		assert.match(written, /config record 'nas'[^]*list hostname 'nas.duckdns.org'/);
		assert.match(written, /config record 'nas'[^]*option account 'duck'/);
		await done(page);
	},

	async 'stopped, without a bus, broken, read-only: the page says which'() {
		await reset(home);

		const page = await open('overview');

		await page.locator('[data-name]').first().waitFor({ timeout: patience });
		await control('halt');
		await page.getByText('The service is not running').waitFor({ timeout: patience });
		await page.getByRole('button', { name: 'Start it' }).click();
		await page.getByText('The service is not running').waitFor({ state: 'hidden', timeout: patience });
		await control('configure', 'config record\n\toption account \'unfinished\n');
		await control('reload');
		await page.getByText('The configuration is broken').waitFor({ timeout: patience });
		await control('configure', home + "\toption nosuch '1'\n");
		await control('reload');
		await page.getByText('Parts of the configuration are left out').waitFor({ timeout: patience });
		await control('bus-stop');
		await page.getByText('The service is not running').waitFor({ timeout: patience });
		await control('bus-start');
		await page.getByText('The service is not running').waitFor({ state: 'hidden', timeout: patience });
		assert.deepEqual(page.complaints.splice(0).filter(c => !/RPCError|status of 5/.test(c)), []);
		await done(page);

		await reset(home);
		await control('read-only', '1');

		const guest = await open('overview');

		await guest.locator('[data-name]').first().waitFor({ timeout: patience });
		assert.equal(await guest.getByRole('button', { name: /^Update now/ }).count(), 0);
		await done(guest);
	},

	async 'markup in any field is text'() {
		await reset(home);

		const at = '2026-01-01T00:00:00Z';
		const name = {
			hostname: evil, type: evil, state: evil, wanted: [ evil ], published: [ evil, '192.0.2.1' ], known: true,
			changed: at, attempt: at, next: at, code: evil, reason: evil, word: evil
		};
		const status = {
			version: evil, pid: 1, started: at, written: at, enabled: false, waiting: evil, error: evil,
			problems: [ { file: evil, line: 1, type: evil, section: evil, option: evil, message: evil } ],
			interfaces: [ { name: evil, device: evil + '2', up: true, addresses: [ { address: evil, class: evil, state: [ evil ] } ],
				nat: 'double', nat_text: evil, outside: evil } ],
			records: [ { name: evil, account: evil, enabled: true, names: [ name, { ...name, state: 'held' }, { ...name, state: 'waiting' } ] } ]
		};
		const event = { record: evil, hostname: evil, type: evil, time: at, kind: evil, addresses: [ evil ], outcome: evil, word: evil, text: evil };
		const finding = { severity: 'act', code: evil, what: evil, why: evil, do: evil, name: evil + ' ' + evil };

		await control('fake', JSON.stringify({
			'wandns status': status,
			'wandns history': { record: evil, events: [ event, { ...event, kind: 'failed', time: '2026-01-02T00:00:00Z' } ] },
			'wandns diagnose': { record: evil, findings: [ finding ] },
			'log read': { log: [ { msg: 'wandns[1]: ' + evil, id: 1, priority: 30, source: 0, time: 1 } ] },
			'file exec': { code: 1, stderr: evil, stdout: JSON.stringify({ uci: evil, clashes: [ evil ], problems: [], written: false,
				sections: [ { section: evil, line: 1, account: evil, record: evil, options: [ { option: evil, fate: 'lost', text: evil } ] },
					{ section: evil, line: 1, why: evil, options: [] } ] }) },
			'luci.wandns config': { changes: 0, values: {
				main: { '.name': 'main', '.type': 'wandns', '.anonymous': false, '.index': 0, stun_server: [ evil ], ca_file: evil },
				a: { '.name': 'a', '.type': 'account', '.anonymous': false, '.index': 1, provider: evil, username: evil },
				r: { '.name': 'r', '.type': 'record', '.anonymous': false, '.index': 2, account: evil, hostname: [ evil ], interface: [ evil ] }
			} }
		}));

		for (const view of [ 'overview', 'log', 'import', 'config' ]) {
			const page = await open(view);

			await page.getByText('onerror').first().waitFor({ timeout: patience });
			if (view == 'overview') {
				await page.locator('[data-action="history"]').first().click();
				await page.locator('svg.wandns-plot').waitFor({ timeout: patience });
			}
			assert.equal(await page.locator('img').count(), 0, view);
			await done(page);
		}
	},

	async 'log: only our lines, filtered'() {
		await reset(home);

		const page = await open('log');

		await page.locator('.wandns-log').getByText('home.duckdns.org').first().waitFor({ timeout: patience });
		assert.equal(await page.getByText('of another program').count(), 0);
		await page.getByLabel('Contains').fill('no line has this');
		await page.getByText('Nothing yet.').waitFor({ timeout: patience });
		await accessible(page);
		await done(page);
	},

	async 'import shows what would be, then does it'() {
		await reset("config wandns 'main'\n");
		await control('rival', `
config service 'mine'
	option enabled '1'
	option service_name 'duckdns.org'
	option lookup_host 'home.duckdns.org'
	option domain 'home.duckdns.org'
	option username 'x'
	option password '${secret}'
	option use_https '1'
`);

		const first = await open('overview');

		await first.getByRole('link', { name: 'Look at the import' }).click();
		await first.getByText('What is added').waitFor({ timeout: patience });
		assert.ok(!(await first.content()).includes(secret));
		await accessible(first);
		await shoot(first, 'import');
		await first.getByRole('button', { name: 'Import, and stop ddns-scripts' }).click();
		await first.locator('[data-state="current"]').first().waitFor({ timeout: patience });
		await done(first);
	},

	async 'narrow, dark, and in every language'() {
		await reset(home);

		for (const view of [ 'overview', 'config', 'log', 'import' ]) {
			const page = await open(view, { viewport: { width: 375, height: 800 }, colorScheme: 'dark' }, '?dark=true');

			if (view != 'config' || !real)
				assert.ok(await page.evaluate(() => document.querySelector('#view').scrollWidth <= 375), `${view} is wider than a phone`);
			await accessible(page);
			await shoot(page, `narrow-dark-${view}`);
			await done(page);
		}
		for (const lang of readdirSync('luci-app/po').filter(name => name != 'templates')) {
			const page = await open('overview', {}, `?lang=${lang}`);

			await page.locator('[data-name]').first().waitFor({ timeout: patience });
			assert.equal(await page.getByText('Internet connection').count(), 0, lang);
			await shoot(page, `lang-${lang}`);
			await done(page);
		}
	}
};

let failed = 0;

for (const [ name, test ] of Object.entries(tests)) {
	if (only && !name.includes(only))
		continue;

	const began = Date.now();

	try {
		await test();
		console.log(`ok    ${name} (${Date.now() - began} ms)`);
	}
	catch (e) {
		failed++;
		console.log(`FAIL  ${name}\n${e.stack}`);
		for (const context of browser.contexts())
			for (const page of context.pages())
				console.log(page.complaints, (await page.locator('body').innerText()).slice(0, 1500), await shoot(page, 'failed').catch(() => null));
	}
	for (const context of browser.contexts())
		await context.close();
}

await browser.close();
process.exit(failed ? 1 : 0);
