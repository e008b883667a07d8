// The log, the import, and every page in every form.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { accessible, control, done, home, open, real, reset, secret, shoot } from './lab.mjs';

export default {
	async 'log: only our lines, filtered'() {
		await reset(home);

		const page = await open('log');

		await page.locator('.wandns-log').getByText('home.duckdns.org').first().waitFor();
		assert.equal(await page.getByText('of another program').count(), 0);
		await page.getByLabel('Contains').fill('no line has this');
		await page.getByText('Nothing yet.').waitFor();
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
		await first.getByText('What is added').waitFor();
		assert.ok(!(await first.content()).includes(secret));
		await accessible(first);
		await shoot(first, 'import');
		await first.getByRole('button', { name: 'Import, and stop ddns-scripts' }).click();
		await first.locator('[data-state="current"]').first().waitFor();
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

			await page.locator('[data-name]').first().waitFor();
			assert.equal(await page.getByText('Internet connection').count(), 0, lang);
			await shoot(page, `lang-${lang}`);
			await done(page);
		}
	}
};
