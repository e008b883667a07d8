// Accounts and records, and the secrets in them.

import assert from 'node:assert/strict';
import { accessible, apply, done, home, open, reload, reset, secret, shoot, written } from './lab.mjs';

export default {
	async 'no secret reaches the browser, and an editor keeps it unless a new one is typed'() {
		await reset(home);

		const page = await open('config');
		const seen = [];

		page.on('response', async r => seen.push(await r.text().catch(() => '')));
		await reload(page);
		await shoot(page, 'config');

		const edit = () => page.locator('[data-section-id="duck"], [data-sid="duck"]').getByRole('button', { name: 'Edit' }).first().click();

		await edit();
		await page.locator('.modal input[type=password]:visible').first().waitFor();
		assert.equal(await page.locator('.modal input[type=password]:visible').first().inputValue(), '');
		await shoot(page, 'account');
		await page.locator('.modal').getByRole('button', { name: 'Save' }).click();
		await page.locator('.modal input[type=password]').first().waitFor({ state: 'hidden' });
		assert.ok(!seen.join('\n').includes(secret));

		await edit();
		await page.locator('.modal input[type=password]:visible').first().fill('new-token-typed');
		await page.locator('.modal').getByRole('button', { name: 'Save' }).click();
		await page.locator('.modal input[type=password]').first().waitFor({ state: 'hidden' });
		await apply(page);

		assert.match(await written("option token 'new-token-typed'"), /option provider 'duckdns'/);
		await done(page);
	},

	async 'an account is tested before it is saved, and with the secret that is stored'() {
		await reset(home);

		const page = await open('config');
		const grid = page.locator('.cbi-section', { has: page.getByRole('heading', { name: 'Accounts', exact: true }) });
		const modal = page.locator('.modal');
		const test = modal.getByRole('button', { name: 'Test this account' });
		const answer = modal.locator('.wandns-verdict');

		await grid.locator('input[type=text]').last().pressSequentially('cf');
		await grid.getByRole('button', { name: 'Add account' }).click();
		await modal.locator('select:visible').first().selectOption('duckdns');
		await test.waitFor({ state: 'hidden' }); /* DuckDNS has nothing to ask without changing it */
		await modal.locator('select:visible').first().selectOption('cloudflare');
		await modal.locator('input[type=password]:visible').first().fill('not-the-token');
		await test.click();
		await answer.getByText('That does not work').waitFor();
		await modal.locator('input[type=password]:visible').first().fill(process.env.PAGE_CLOUDFLARE_TOKEN);
		await test.click();
		await answer.getByText('The service takes this login').waitFor();
		await accessible(page);
		await shoot(page, 'login');
		await modal.getByRole('button', { name: 'Save' }).click();
		await test.waitFor({ state: 'hidden' });
		await apply(page);
		await written("config account 'cf'");

		await reload(page);
		await page.locator('[data-section-id="cf"], [data-sid="cf"]').getByRole('button', { name: 'Edit' }).first().click();
		await test.click();
		await answer.getByText('The service takes this login').waitFor();
		await done(page);
	},

	async 'a record is made in its editor'() {
		await reset(home);

		const page = await open('config');
		const grid = page.locator('.cbi-section', { has: page.getByRole('heading', { name: 'Records', exact: true }) });

		await grid.locator('input[type=text]').last().pressSequentially('nas');
		await grid.getByRole('button', { name: 'Add record' }).click();
		await page.locator('.modal [data-name="hostname"] input[type=text]:visible').first().waitFor();
		await page.locator('.modal [data-name="hostname"] input[type=text]:visible').first().fill('nas.duckdns.org');
		await page.locator('.modal [data-name="hostname"] input[type=text]:visible').first().press('Enter');
		await accessible(page);
		await shoot(page, 'record');
		await page.locator('.modal').getByRole('button', { name: 'Save' }).click();
		await page.locator('.modal [data-name="hostname"]').first().waitFor({ state: 'hidden' });
		await page.getByText('nas.duckdns.org').first().waitFor();
		await apply(page);

		const text = await written("config record 'nas'");

		assert.match(text, /config record 'nas'[^]*list hostname 'nas.duckdns.org'/);
		assert.match(text, /config record 'nas'[^]*option account 'duck'/);
		await done(page);
	}
};
