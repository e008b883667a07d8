// Every click path of the page, in a real browser, against the real program. PAGE_ONLY is a part of
// the names of those to take.

import config from './config.mjs';
import overview from './overview.mjs';
import pages from './pages.mjs';
import text from './text.mjs';
import { browser, shoot } from './lab.mjs';

const only = process.env.PAGE_ONLY;
/* A click path that hangs is one that failed, in ms. */
const limit = 60000;
let failed = 0;
let taken = 0;

function inTime(work) {
	let timer;
	const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`it took more than ${limit} ms`)), limit); });

	return Promise.race([ work, late ]).finally(() => clearTimeout(timer));
}

for (const [ name, test ] of Object.entries({ ...overview, ...config, ...text, ...pages })) {
	if (only && !name.includes(only))
		continue;

	const began = Date.now();

	taken++;

	try {
		await inTime(test());
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
if (!taken)
	console.log(`FAIL  no click path is called ${only}`);
process.exit(failed || !taken ? 1 : 0);
