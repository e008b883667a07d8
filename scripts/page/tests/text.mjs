// Whatever the router or a service says is text.

import assert from 'node:assert/strict';
import { control, done, evil, home, include, open, reset } from './lab.mjs';

export default {
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

		const part = await open('log');

		await include(part);
		await part.getByText(evil).first().waitFor();
		await done(part);

		for (const view of [ 'overview', 'log', 'import', 'config' ]) {
			const page = await open(view);

			await page.getByText('onerror').first().waitFor();
			if (view == 'overview') {
				await page.locator('[data-action="history"]').first().click();
				await page.locator('svg.wandns-plot').waitFor();
			}
			assert.equal(await page.locator('img').count(), 0, view);
			await done(page);
		}
	}
};
