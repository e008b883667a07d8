'use strict';
'require baseclass';
'require form';
'require uci';
'require wandns.bus as bus';
'require wandns.config as config';
'require wandns.fields as fields';
'require wandns.words as words';

/*
 * From nothing to a working name: one form with exactly what is needed. Until it is saved,
 * nothing of it is in the configuration.
 */

/* A section name that is not taken. */
function free(name) {
	let found = name;

	for (let i = 2; uci.get(config.PACKAGE, found); i++)
		found = name + i;

	return found;
}

function create(type, name, values) {
	const section = uci.add(config.PACKAGE, type, free(name));

	Object.keys(values).forEach(option => {
		const value = values[option];

		if (option.charAt(0) != '.' && value != null && value !== '' && !(Array.isArray(value) && !value.length))
			uci.set(config.PACKAGE, section, option, value);
	});

	return section;
}

const word = text => String(text).toLowerCase().replace(/[^a-z0-9]/g, '_').slice(0, 20);

return baseclass.extend({
	/* The form's node; it answers Save & Apply of the page by save(). */
	render: function(tables, interfaces) {
		const values = { account: {}, record: { interface: fields.wans(interfaces) } };
		const map = new form.JSONMap(values, _('Set up a name'),
			_('Choose your service, say which name to keep up to date, and press Save & Apply.'));
		const account = map.section(form.NamedSection, 'account', 'account', _('Your account at the service'));
		const record = map.section(form.NamedSection, 'record', 'record', _('Your name'));

		fields.account(account, tables, true, null);
		fields.record(record, tables, name => [ 'hostname', 'interface' ].includes(name), [], interfaces.map(i => i.interface));
		words.style();
		map.readonly = !L.hasViewPermission();
		this.map = map;

		return map.render();
	},

	save: function() {
		return this.map.save().then(() => {
			const given = name => this.map.data.get('json', name);
			const account = create('account', word(given('account').provider), given('account'));

			create('record', 'home', Object.assign({}, given('record'), { account: account }));

			return uci.save();
		});
	},

	/* Offers the import where ddns-scripts has something to take over. */
	offer: function(node) {
		if (!L.hasViewPermission())
			return Promise.resolve();

		return bus.importRival(false).then(result => {
			const found = JSON.parse(result.stdout || '{}').sections || [];
			const fit = found.filter(s => s.record);

			if (fit.length)
				node.appendChild(E('div', { 'class': 'alert-message notice' }, [
					E('p', {}, [ _('ddns-scripts is set up on this router. Its settings can be taken over.') ]),
					E('a', { 'class': 'btn cbi-button', 'href': L.url('admin/services/wandns/import') }, [ _('Look at the import') ])
				]));
		}).catch(() => null);
	}
});
