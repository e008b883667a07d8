'use strict';
'require baseclass';
'require request';
'require uci';
'require wandns.bus as bus';

/*
 * The configuration for forms, without its secrets: where one is stored, the router says ***.
 * It comes from an object of ours, since reading it from uci would bring every token into the
 * browser. Changes go the usual way, through uci, which nobody needs to read for that.
 */

const PACKAGE = 'wandns';
const MASK = '***';

const direct = {
	loadPackage: uci.loadPackage,
	changes: uci.changes
};

/* How many changes this session has saved and not applied, as of the last load. */
let staged = 0;

function load() {
	return bus.config().then(answer => {
		staged = answer.changes || 0;

		return answer.values || {};
	});
}

/* uci loads our package from us, here and after each save; other packages as ever. */
uci.loadPackage = function(name) {
	if (name != PACKAGE)
		return direct.loadPackage.call(this, name);

	if (this.loaded[name] == null)
		this.loaded[name] = load();

	return this.loaded[name];
};

/* LuCI lists what is not applied from what the session may read: ours is added by its number. */
uci.changes = function() {
	return Promise.resolve(direct.changes.call(this)).then(changes => load().then(() => {
		const all = Object.assign({}, changes);

		if (staged && !all[PACKAGE])
			all[PACKAGE] = Array.from({ length: staged }, () => [ 'set', PACKAGE, MASK, MASK ]);

		return all;
	}, () => changes));
};

let tables = null;

return baseclass.extend({
	PACKAGE: PACKAGE,

	load: function() {
		return uci.load(PACKAGE);
	},

	/* The tables of services and options, as the program has them. */
	tables: function() {
		if (tables == null)
			tables = request.get(L.resource('wandns/providers.json'), { cache: true }).then(reply => {
				if (!reply.ok)
					throw new Error(_('The list of services could not be loaded'));

				return reply.json();
			});

		return tables;
	},

	/* Whether a secret is stored, which is all that can be known of it. */
	stored: function(section, option) {
		return uci.get(PACKAGE, section, option) == MASK;
	}
});
