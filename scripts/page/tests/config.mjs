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
