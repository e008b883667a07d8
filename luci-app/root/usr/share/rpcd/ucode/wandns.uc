// The configuration as a page may see it: with *** in place of whatever is secret.
//
// Nobody is granted to read the configuration itself, so that no token or password reaches a
// browser; the page writes a secret only when its owner has typed a new one. What the session has
// saved and not yet applied is part of it. An option that is not known to be harmless is secret.

'use strict';

import { readfile } from 'fs';
import { cursor } from 'uci';

const RESOURCE = '/www/luci-static/resources/wandns/providers.json';
const STAGED = '/var/run/rpcd/uci-';
const MASK = '***';

function harmless(options) {
	let names = {};
	for (let option in options)
		if (!option.secret)
			names[option.name] = true;
	return names;
}

// Of each account: the names of the options that anyone may see.
function open_options() {
	let table = json(readfile(RESOURCE) || '{}');
	let common = harmless(table.account);
	let of = {};
	for (let provider in table.providers)
		of[provider.name] = { ...common, ...harmless(provider.options) };
	return { of, common };
}

function masked(section, open) {
	let names = open.of[section.provider] || open.common;
	let seen = {};
	for (let name, value in section)
		seen[name] = (substr(name, 0, 1) == '.' || names[name]) ? value : MASK;
	return seen;
}

const methods = {
	config: {
		args: {},
		call: function(request) {
			let sid = request.args.ubus_rpc_session;
			let values = {};
			let open = open_options();
			let c = match(sid, /^[0-9a-f]{32}$/) ? cursor(null, STAGED + sid) : cursor();

			if (!c.load('wandns'))
				return { values, changes: 0 };
			for (let name, section in c.get_all('wandns'))
				values[name] = section['.type'] == 'account' ? masked(section, open) : section;
			return { values, changes: length(c.changes('wandns')?.wandns) || 0 };
		}
	}
};

return { 'luci.wandns': methods };
