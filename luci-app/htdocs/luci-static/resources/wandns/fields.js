'use strict';
'require baseclass';
'require form';
'require uci';
'require ui';
'require wandns.bus as bus';
'require wandns.config as config';
'require wandns.words as words';

/*
 * Form fields made of the tables: what an account of each service needs, and what a record can
 * say. Nothing about a service is known here.
 */

/* A search field for a select with more choices than anyone wants to scroll through. */
function searchFor(select) {
	const all = Array.from(select.options);
	const search = E('input', {
		/* Themes do not know the type search. */
		'type': 'text',
		'role': 'searchbox',
		'class': 'cbi-input-text wandns-search',
		'placeholder': _('Search…'),
		'aria-label': _('Search all services'),
		'input': () => {
			const words = search.value.trim().toLowerCase().split(' ');
			const fits = o => o.value != '' && words.every(w => (o.textContent + ' ' + o.value).toLowerCase().includes(w));
			const hits = all.filter(fits);

			select.replaceChildren.apply(select, all.filter(o => o.value == '' || o.selected || hits.includes(o)));

			if (hits.length == 1 && select.value != hits[0].value) {
				select.value = hits[0].value;
				select.dispatchEvent(new Event('change', { bubbles: true }));
			}
		},
		/* A form would be sent by it. */
		'keydown': ev => ev.key == 'Enter' && ev.preventDefault()
	});

	return search;
}

const ProviderValue = form.ListValue.extend({
	renderWidget: function(section, index, value) {
		const choices = Object.assign({ '': _('-- Please choose --') }, this.titles);
		const widget = new ui.Select(value != null ? value : '', choices, {
			id: this.cbid(section),
			sort: Object.keys(choices).sort((a, b) => a == '' ? -1 : b == '' ? 1 : choices[a].localeCompare(choices[b])),
			/* LuCI of 24.10 has no getValidator. */
			validate: this.getValidator ? this.getValidator(section) : L.bind(this.validate, this, section),
			disabled: this.map.readonly
		});
		const node = widget.render();

		return E('div', {}, [ searchFor(node.querySelector('select')), node ]);
	}
});

/* What a grid shows of a value: LuCI would take a string for markup. */
function plain(say) {
	return function(section) {
		const value = L.toArray(this.cfgvalue(section)).join(' ');

		return E('span', {}, [ (say ? say(value) : value) || '-' ]);
	};
}

/* The widget for each kind of value. */
function widgetOf(option) {
	if (option.values && option.kind == 'choice')
		return option.list ? form.MultiValue : form.ListValue;

	if (option.kind == 'bool')
		return form.Flag;

	return option.list ? form.DynamicList : form.Value;
}

const durations = { s: 1, m: 60, h: 3600, d: 86400 };

function seconds(text) {
	if (text == '0')
		return 0;

	if (!/^([0-9]+[smhd])+$/.test(text))
		return NaN;

	return text.match(/[0-9]+[smhd]/g).reduce((sum, part) => sum + parseInt(part, 10) * durations[part.slice(-1)], 0);
}

/* What can be said against a value before the program reads it: true, or why not. */
function check(option, value) {
	if (value == null || value === '')
		return true;

	if (option.kind == 'number' && !/^[0-9]+$/.test(value))
		return _('A whole number is expected');

	if (option.kind == 'url') {
		const schemes = option.values || [ 'https', 'http' ];

		if (!schemes.some(s => String(value).startsWith(s + '://')))
			return _('An address that begins with %s is expected').format(schemes.map(s => s + '://').join(' '));
	}

	const measure = option.kind == 'duration' ? seconds : Number;

	if (option.kind == 'duration' && isNaN(measure(value)))
		return _('A time such as 90s, 10m, 12h or 25d is expected');

	if ((option.min && measure(value) < measure(option.min)) || (option.max && measure(value) > measure(option.max)))
		return _('Expected is %s to %s').format(option.min || '0', option.max);

	return true;
}

/* Whether a secret is in the configuration; in a form of nothing yet there is none. */
function stored(field, section) {
	return field.map.config == config.PACKAGE && config.stored(section, field.option);
}

/* A field that shows nothing of the secret that is stored, and writes only a new one. */
function conceal(field, option) {
	field.password = true;
	field.rmempty = true;
	field.cfgvalue = () => null;
	field.load = () => Promise.resolve(null);
	field.textvalue = () => null;

	const write = field.write;

	field.write = function(section, value) {
		if (value != null && value !== '')
			return write.call(this, section, value);
	};
	/* An empty field keeps what is stored, unless the service has no use for it. */
	field.remove = function(section) {
		if (!this.isActive(section) && stored(this, section))
			uci.unset(config.PACKAGE, section, option.name);
	};

	const renderWidget = field.renderWidget;

	field.renderWidget = function(section, index, value) {
		this.placeholder = stored(this, section) ? _('stored; type to replace it') : null;

		const node = renderWidget.call(this, section, index, value);

		node.querySelectorAll('input').forEach(input => input.setAttribute('autocomplete', 'new-password'));

		return node;
	};
}

/* Forms without tabs have true for a tab. */
function place(section, tab, widget, name, title, help) {
	return tab === true ? section.option(widget, name, title, help) : section.taboption(tab, widget, name, title, help);
}

/* One field for an option. */
function add(section, tab, option, title, help) {
	const field = place(section, tab, widgetOf(option), option.name, title, help);

	if (option.kind == 'choice')
		(option.values || []).forEach(v => field.value(v, words.choice(option.name, v)));

	if (option.default && option.kind != 'choice' && option.kind != 'bool')
		field.placeholder = option.default;
	else if (option.default)
		field.default = option.default;

	field.modalonly = true;

	if (option.kind != 'bool')
		field.validate = (sid, value) => check(option, value);

	if (option.secret)
		conceal(field, option);

	return field;
}

/* name: [ [ service, option ], … ] of the options that services have. */
function byName(services) {
	const found = {};

	services.forEach(service => service.options.forEach(option => {
		(found[option.name] = found[option.name] || []).push([ service, option ]);
	}));

	return found;
}

/* Labels and help of a field are those of the service that is chosen. */
function relabel(row, service, option) {
	const title = row.querySelector('.cbi-value-title');
	const place = row.querySelector('.cbi-value-field');
	let help = row.querySelector('.cbi-value-description');

	if (!title || !place)
		return;

	if (!help) {
		help = E('div', { 'class': 'cbi-value-description' });
		place.appendChild(help);
	}

	title.textContent = _(option.title);
	help.replaceChildren(_(option.help), ' ', E('a', {
		'href': option.link || service.website, 'class': 'wandns-link', 'target': '_blank', 'rel': 'noreferrer'
	}, [ option.link ? _('Get it here') : _('Go to %s').format(service.title) ]));
}

/* The service's own option behind a field, as [ service, option ]; null when it has none. */
function ofService(field, name, pairs) {
	return pairs.find(p => p[0].name == name && p[1].name == field.option) || null;
}

/* The service of an account's form: as it is chosen there, or as it was loaded. */
function chosen(field, section, live) {
	return live ? field.section.formvalue(section, 'provider') : field.map.data.get(field.map.config, section, 'provider');
}

/* The service of a record: that of its account. */
function behind(field, section, live) {
	const account = live ? field.section.formvalue(section, 'account') : field.map.data.get(field.map.config, section, 'account');

	return account ? uci.get(config.PACKAGE, account, 'provider') : null;
}

/* A field of several services: what it says and wants depends on the one that serviceOf says. */
function adapt(field, pairs, serviceOf) {
	const render = field.render;

	field.render = function(index, section, inTable) {
		return Promise.resolve(render.call(this, index, section, inTable)).then(node => {
			const pair = ofService(this, serviceOf(this, section, false), pairs);

			if (pair && !inTable)
				relabel(node, pair[0], pair[1]);

			return node;
		});
	};
	field.validate = function(section, value) {
		const pair = ofService(this, serviceOf(this, section, true), pairs);

		if (!pair)
			return true;

		const kept = pair[1].secret && stored(this, section) && uci.get(config.PACKAGE, section, 'provider') == pair[0].name;

		if (pair[1].required && !kept && (value == null || value === ''))
			return _('%s needs this').format(pair[0].title);

		return check(pair[1], value);
	};
}

/* Shows a field of records for accounts at these services; accounts can come while the page is open. */
function onlyAt(field, pairs) {
	const load = field.load;
	const known = [];

	field.depends('account', '*'); /* which no account is called: without any, it is not shown */
	field.load = function(sid) {
		uci.sections(config.PACKAGE, 'account').forEach(account => {
			if (pairs.some(p => p[0].name == account.provider) && !known.includes(account['.name'])) {
				known.push(account['.name']);
				this.depends('account', account['.name']);
			}
		});

		return load.call(this, sid);
	};
}

/* The options of an account as they stand in its form. What is stored and secret is not among them:
   the program takes it from the account when it is asked about one of the same service. */
function typed(section, sid, service, tables) {
	const options = { provider: service.name };

	service.options.concat(tables.account).forEach(o => {
		const field = o.name != 'provider' && section.getOption(o.name);
		const value = field ? field.formvalue(sid) : null;

		if (value != null && value !== '' && !(Array.isArray(value) && !value.length))
			options[o.name] = value;
	});

	return options;
}

/* What the program says of a login, as a badge and words. */
function verdict(said) {
	if (said.outcome == 'confirmed')
		return [ words.badge('good', '✓', _('The service takes this login')) ];

	if (said.outcome == 'cannot')
		return [ words.badge('idle', '–', _('The service has no way to say')) ];

	return [ words.badge('bad', '✕', _('That does not work')), ' ', words.told(said.text) ];
}

/* A button that asks the service whether it takes the login in the form; nothing is changed. */
const LoginTest = form.DummyValue.extend({
	cfgvalue: () => null,
	formvalue: () => null,
	renderWidget: function(section) {
		const answer = E('span', { 'role': 'status', 'class': 'wandns-verdict' });

		return E('div', { 'id': this.cbid(section) }, [
			E('button', {
				'type': 'button', 'class': 'btn cbi-button', 'disabled': this.map.readonly || null,
				'click': ui.createHandlerFn(this, 'ask', section, answer)
			}, [ _('Test this account') ]), ' ', answer
		]);
	},
	ask: function(section, answer) {
		const name = this.section.formvalue(section, 'provider');
		const service = this.tables.providers.find(p => p.name == name);
		const account = this.map.config == config.PACKAGE ? section : '';

		answer.replaceChildren();

		return bus.test(account, typed(this.section, section, service, this.tables))
			.then(said => answer.replaceChildren.apply(answer, verdict(said)))
			.catch(() => answer.replaceChildren(words.badge('bad', '✕', _('The program could not be asked.'))));
	}
});

return baseclass.extend({
	check: check,
	plain: plain,

	/* Fields of an account section. */
	account: function(section, tables, general, advanced) {
		const named = byName(tables.providers);
		const service = place(section, general, ProviderValue, 'provider', _('Service'));

		service.rmempty = false;
		service.titles = {};
		tables.providers.forEach(p => service.titles[p.name] = p.title);
		service.textvalue = plain(name => service.titles[name] || name);

		/* In an editor, this is a copy of the field, and so are its neighbours. */
		service.onchange = function(ev, section, value) {
			Object.keys(named).forEach(name => {
				const field = this.section.getOption(name);
				const pair = field && ofService(field, value, named[name]);
				const widget = pair && this.map.findElement('id', field.cbid(section));

				if (widget)
					relabel(widget.closest('.cbi-value'), pair[0], pair[1]);
			});
		};

		Object.keys(named).forEach(name => {
			const pairs = named[name];
			const first = pairs[0][1];

			const field = add(section, general, Object.assign({}, first, {
				secret: pairs.some(p => p[1].secret),
				default: pairs.length == 1 ? first.default : ''
			}), _(first.title), _(first.help));

			adapt(field, pairs, chosen);
			pairs.forEach(p => field.depends('provider', p[0].name));
		});

		const test = place(section, general, LoginTest, '_test', _('Login'));

		test.tables = tables;
		test.modalonly = true;
		tables.providers.filter(p => p.can_test).forEach(p => test.depends('provider', p.name));

		tables.account.filter(o => o.name != 'provider' && advanced)
			.forEach(o => add(section, advanced, o, _(o.title), _(o.help)));

		return service;
	},

	/* Fields of a record section; accounts and interfaces are what can be chosen. */
	record: function(section, tables, tabOf, accounts, interfaces) {
		const fields = {};

		tables.record.forEach(option => {
			if (!tabOf(option.name))
				return;

			const field = fields[option.name] = option.name == 'account'
				? place(section, tabOf(option.name), form.ListValue, 'account', _(option.title), _(option.help))
				: add(section, tabOf(option.name), option, _(option.title), _(option.help));

			if (option.required)
				field.rmempty = false;
		});

		if (fields.account)
			accounts.forEach(a => fields.account.value(a[0], a[1]));

		if (fields.interface)
			interfaces.forEach(name => fields.interface.value(name));

		if (fields.address) {
			fields.address.depends('source', 'static');
			fields.address.rmempty = false;
		}

		return fields;
	},

	/* What a record can say at some services only. A yes or no can also be left to the service. */
	extras: function(section, tables, tab) {
		const named = byName(tables.providers.map(p => ({ name: p.name, title: p.title, website: p.website, options: p.record || [] })));

		Object.keys(named).forEach(name => {
			const pairs = named[name];
			const first = pairs[0][1];
			const option = first.kind == 'bool' ? Object.assign({}, first, { kind: 'choice', values: [] }) : first;
			const field = add(section, tab, option, _(first.title), _(first.help));

			if (first.kind == 'bool')
				[ [ '', _('Leave as it is') ], [ '1', _('Yes') ], [ '0', _('No') ] ].forEach(v => field.value(v[0], v[1]));

			adapt(field, pairs, behind);
			onlyAt(field, pairs);
		});
	},

	/* The interfaces that the Internet is behind, as netifd has them. */
	wans: function(interfaces) {
		const all = route => route.mask == 0;

		return interfaces.filter(i => (i.route || []).some(all) && i.interface != 'loopback').map(i => i.interface);
	}
});
