// The overview: how things stand, and what is wrong when they do not.

import assert from 'node:assert/strict';
import { accessible, apply, ask, control, done, home, include, open, reset, secret, shoot, until, written } from './lab.mjs';

export default {
	async 'first run, from nothing to a green badge'() {
		await reset("config wandns 'main'\n");

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
		await apply(page);
		await page.locator('[data-state="current"][data-type="A"]').waitFor();
		await page.locator('[data-state="current"][data-type="AAAA"]').waitFor();
		assert.ok(await page.getByText('192.88.99.7').first().isVisible());
		await shoot(page, 'green');
		await done(page);

		assert.match(await written(`option token '${secret}'`), /list interface 'wan6'/);
	},

	async 'a change of the address shows within two seconds, without a reload'() {
		await reset(home);

		const page = await open('overview', { clock: true });
		const row = page.locator('[data-type="A"]');
		const asked = new Set(); /* and not yet answered */

		page.on('request', (request) => asked.add(request));
		page.on('requestfinished', (request) => asked.delete(request));
		page.on('requestfailed', (request) => asked.delete(request));
		await page.locator('[data-state="current"][data-type="A"]').waitFor();
		await page.evaluate(() => { window.sameDocument = true; });
		await page.clock.pauseAt(Date.now() + 60000);
		await page.clock.runFor(100); /* what the pause has begun comes to its end */
		await until(async () => await page.evaluate(() => true) && asked.size === 0); /* a word with the page lets its news in */
		await control('renumber', '["192.88.99.7/24","192.88.98.8/24"]');
		await until(async () => JSON.stringify(await ask('status')).includes('"published":["192.88.98.8"]'));
		assert.equal(await row.getByText('192.88.98.8').count(), 0);
		await control('calls');
		await page.clock.runFor(2000);
		await until(async () => await row.getByText('192.88.98.8').count() > 0);
		assert.deepEqual(JSON.parse(await control('calls')), [ 'wandns status {}' ], 'one cheap call');
		await page.clock.resume();
		assert.ok(await page.evaluate(() => window.sameDocument));
		await control('renumber', '["192.88.98.8/24","192.88.99.7/24"]');
		await accessible(page);
		await done(page);
	},

	async 'the status page has a line for each name, or says that nothing runs'() {
		await reset(home);

		const page = await open('overview');

		await page.locator('[data-state="current"][data-type="A"]').waitFor();
		await include(page);
		assert.match(await page.locator('tr', { hasText: 'home.duckdns.org (IPv4)' }).innerText(), /Up to date[^]*192\.88\.99\.7/);
		await accessible(page);
		await control('halt');
		await include(page);
		await page.getByText('The service is not running').waitFor();
		await page.context().close(); /* it complains of the daemon that went */
	},

	async 'a refusal says why and what to do; update now and the history work by keyboard'() {
		await reset(home);

		const page = await open('overview');

		await page.locator('[data-state="current"][data-type="A"]').waitFor();
		await control('answer', 'KO');
		await control('renumber', '["192.88.99.7/24","192.88.97.9/24"]');

		await page.locator('[data-state="held"]').first().waitFor();
		await page.locator('.wandns-do').first().waitFor();
		assert.match(await page.locator('.wandns-do').first().innerText(), /credentials.*token/s);
		await shoot(page, 'held');
		await control('answer', '');
		await page.getByRole('button', { name: 'Update now: home' }).focus();
		await page.keyboard.press('Enter');
		await page.locator('[data-state="current"][data-type="A"]').waitFor();
		await page.getByRole('button', { name: 'History: home' }).focus();
		await page.keyboard.press('Enter');
		await page.locator('svg.wandns-plot').waitFor();
		assert.ok(await page.locator('svg.wandns-plot circle.good').count() > 0);
		assert.ok(await page.locator('svg.wandns-plot rect.bad').count() > 0);
		await shoot(page, 'history');
		await page.keyboard.press('Enter');
		await page.locator('svg.wandns-plot').waitFor({ state: 'hidden' });
		await control('renumber', '["192.88.97.9/24","192.88.99.7/24"]');
		await done(page);
	},

	async 'stopped, without a bus, broken, read-only: the page says which'() {
		await reset(home);

		const page = await open('overview');

		await page.locator('[data-name]').first().waitFor();
		await control('halt');
		await page.getByText('The service is not running').waitFor();
		await page.getByRole('button', { name: 'Start it' }).click();
		await page.getByText('The service is not running').waitFor({ state: 'hidden' });
		await control('configure', 'config record\n\toption account \'unfinished\n');
		await control('reload');
		await page.getByText('The configuration is broken').waitFor();
		await control('configure', home + "\toption nosuch '1'\n");
		await control('reload');
		await page.getByText('Parts of the configuration are left out').waitFor();
		await control('bus-stop');
		await page.getByText('The service is not running').waitFor();
		await control('bus-start');
		await page.getByText('The service is not running').waitFor({ state: 'hidden' });
		assert.deepEqual(page.complaints.splice(0).filter(c => !/RPCError|status of 5/.test(c)), []);
		await done(page);

		await reset(home);
		await control('read-only', '1');

		const guest = await open('overview');

		await guest.locator('[data-name]').first().waitFor();
		assert.equal(await guest.getByRole('button', { name: /^Update now/ }).count(), 0);
		await done(guest);
	}
};
