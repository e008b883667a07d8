'use strict';
'require poll';
'require ui';
'require uci';
'require view';
'require wandns.bus as bus';
'require wandns.config as config';
'require wandns.history as history';
'require wandns.setup as setup';
'require wandns.words as words';

/*
 * How everything stands, as of two seconds ago at the most. One call brings all of it; a card is
 * made anew only when something in it has changed, so that focus and selection stay.
 */

const INTERVAL = 2;

const nats = {
	'none': [ 'good', '✓', _('Public: the Internet can reach this address') ],
	'double': [ 'wait', '!', _('Behind another router') ],
	'carrier-grade': [ 'bad', '✕', _('Behind carrier-grade NAT') ],
	'ipv4-over-ipv6': [ 'bad', '✕', _('IPv4 goes through IPv6') ]
};

function address(text) {
	return E('span', { 'class': 'wandns-address' }, [ text ]);
}

function labelled(label, nodes) {
	return E('div', {}, [ E('span', { 'class': 'wandns-label' }, [ label ]) ].concat(nodes));
}

return view.extend({
	handleSave: null,
	handleReset: null,
	handleSaveApply: null,

	skew: 0,

	load: function() {
		words.style();

		return Promise.all([
			bus.status().then(status => ({ status: status }), error => ({ trouble: bus.trouble(error) })),
			config.load().then(() => true, () => false)
		]);
	},

	render: function(data) {
		const records = data[1] ? uci.sections('wandns', 'record') : null;

		if (records && !records.length && L.hasViewPermission())
			return this.renderSetup();

		this.notices = E('div', { 'aria-live': 'polite' });
		this.wan = E('div', { 'class': 'wandns-cards' });
		this.names = E('div', { 'class': 'wandns-cards wandns-wide' });
		this.made = new Map();
		this.advice = new Map();
		this.show(data[0]);
		poll.add(() => bus.status().then(status => ({ status: status }), error => ({ trouble: bus.trouble(error) }))
			.then(state => this.show(state)), INTERVAL);

		return E('div', { 'class': 'wandns' }, [
			E('h2', {}, [ _('Dynamic DNS') ]),
			this.notices,
			E('h3', {}, [ _('Internet connection') ]),
			this.wan,
			E('h3', {}, [ _('Names') ]),
			this.names
		]);
	},

	renderSetup: function() {
		this.handleSaveApply = (ev, mode) => setup.save().then(() => ui.changes.apply(mode == '0'));

		return Promise.all([ config.tables(), L.resolveDefault(bus.interfaces(), []) ])
			.then(found => setup.render(found[0], found[1]))
			.then(node => {
				const offers = E('div');

				setup.offer(offers);

				return E('div', { 'class': 'wandns' }, [ offers, node ]);
			});
	},

	show: function(state) {
		this.keep(this.notices, state.trouble ? [ this.troubleNotice(state.trouble) ] : this.statusNotices(state.status));

		/* What was last known stays, with the notice above it. */
		if (!state.status)
			return;

		this.clock(state.status);
		this.cards(this.wan, 'wan', state.status.interfaces, i => i.name, i => this.interfaceCard(i));
		this.cards(this.names, 'record', state.status.records, r => r.name, r => this.recordCard(r));
		if (!state.status.records.length)
			this.keep(this.names, [ E('p', {}, [ _('No record is configured.') ]) ]);
		this.wan.parentNode?.querySelectorAll('time.wandns-time').forEach(node => words.tick(node, this.skew));
		state.status.records.forEach(record => this.advise(record));
	},

	/*
	 * The router's clock less ours, in ms. A status says when it last changed, so that its time is
	 * the router's now only if it has changed since it was asked for two seconds ago.
	 */
	clock: function(status) {
		if (this.written && this.written != status.written)
			this.skew = Date.parse(status.written) - Date.now();

		this.written = status.written;
	},

	/* Puts nodes into a place unless they say what is there already. */
	keep: function(place, nodes) {
		const text = nodes.map(n => n.outerHTML).join('');

		if (place.wandnsText !== text) {
			place.replaceChildren.apply(place, nodes);
			place.wandnsText = text;
		}
	},

	cards: function(place, kind, list, key, make) {
		const cards = list.map(item => {
			const id = kind + ':' + key(item);
			const text = JSON.stringify(item);
			const old = this.made.get(id);

			if (old && old.text === text)
				return old.node;

			const focus = old && old.node.contains(document.activeElement) ? document.activeElement.getAttribute('data-action') : null;
			const node = make(item);

			if (old)
				old.node.replaceWith(node);
			if (focus)
				node.querySelector('[data-action="' + focus + '"]')?.focus();
			this.made.set(id, { text: text, node: node });

			return node;
		});

		if (cards.length != place.children.length || cards.some((node, i) => place.children[i] !== node))
			place.replaceChildren.apply(place, cards);
	},

	troubleNotice: function(trouble) {
		const start = E('button', {
			'class': 'btn cbi-button cbi-button-apply',
			'click': ui.createHandlerFn(this, () => bus.service('wandns', 'start'))
		}, [ _('Start it') ]);

		if (trouble == 'absent')
			return words.notice('warning', _('The service is not running'), [
				E('p', {}, [ _('Names are not updated. If it does not start, the log says why.') ])
			].concat(L.hasViewPermission() ? [ start ] : []));

		if (trouble == 'denied')
			return words.notice('warning', _('This login may not see the service'), [
				E('p', {}, [ _('Ask the administrator of the router for the right to read “luci-app-wandns”.') ])
			]);

		return words.notice('warning', _('The router does not answer'), [
			E('p', {}, [ _('What is shown below was true a moment ago. It is asked again every two seconds.') ])
		]);
	},

	statusNotices: function(status) {
		const notices = [];

		if (!status.enabled)
			notices.push(words.notice('warning', _('Switched off'), [
				E('p', {}, [ _('Nothing is watched and nothing is sent, since “Enabled” is off under Accounts and Records.') ])
			]));

		if (status.waiting)
			notices.push(words.notice('notice', _('Waiting for the clock'), [ E('p', {}, [ status.waiting ]) ]));

		if (status.error)
			notices.push(words.notice('error', _('The configuration is broken; the one before is in use'), [ E('p', {}, [ status.error ]) ]));

		if (status.problems && status.problems.length)
			notices.push(words.notice('error', _('Parts of the configuration are left out'), [
				E('ul', {}, status.problems.map(p => E('li', {}, [ this.problem(p) ])))
			]));

		return notices;
	},

	problem: function(p) {
		const where = [ p.section, p.option ].filter(t => t).join(' / ');

		return (where ? where + ': ' : '') + (p.message || '');
	},

	interfaceCard: function(i) {
		const nat = nats[i.nat];
		const up = i.up ? words.badge('good', '✓', _('up')) : words.badge('bad', '✕', _('down'));

		return E('section', { 'class': 'wandns-card', 'data-interface': i.name }, [
			E('div', { 'class': 'wandns-head' }, [ E('h4', {}, [ i.name, i.device && i.device != i.name ? ' (' + i.device + ')' : '' ]), up ]),
			E('ul', { 'class': 'wandns-list' }, i.addresses.map(a => E('li', {}, [
				address(a.address), ' ', [ words.class(a.class) ].concat((a.state || []).map(words.flag)).join(', ')
			]))),
			i.outside ? E('p', {}, [ _('The Internet sees'), ' ', address(i.outside) ]) : '',
			nat ? E('p', {}, [ words.badge(nat[0], nat[1], nat[2]) ]) : '',
			i.nat_text ? E('p', {}, [ i.nat_text ]) : ''
		]);
	},

	recordCard: function(r) {
		const button = (action, title, click) => E('button', {
			'class': 'btn cbi-button', 'data-action': action, 'aria-label': title + ': ' + r.name, 'click': click
		}, [ title ]);
		const buttons = [ button('history', _('History'), ui.createHandlerFn(this, () => history.show(r.name))) ];

		if (r.enabled && L.hasViewPermission())
			buttons.unshift(button('update', _('Update now'), ui.createHandlerFn(this, () => this.update(r.name))));

		return E('section', { 'class': 'wandns-card', 'data-record': r.name }, [
			E('div', { 'class': 'wandns-head' }, [
				E('h4', {}, [ r.name, ' ', E('small', {}, [ _('Account'), ': ', r.account ]) ]),
				E('div', { 'class': 'wandns-buttons' }, buttons)
			])
		].concat(r.enabled ? r.names.map(n => this.nameRow(n)) : [ E('p', {}, [ words.badge('idle', '–', _('Disabled')) ]) ]));
	},

	nameRow: function(n) {
		const published = n.published.length ? n.published.join(' ') : (n.known ? _('none') : _('unknown'));
		const wanted = n.wanted.join(' ');
		const times = [];

		if (n.changed)
			times.push(labelled(_('Changed'), [ words.time(n.changed, this.skew) ]));
		if (n.next)
			times.push(labelled(_('Next attempt'), [ words.time(n.next, this.skew) ]));

		return E('div', { 'class': 'wandns-name', 'data-name': n.hostname, 'data-type': n.type, 'data-state': n.state }, [
			E('div', {}, [ words.state(n) ]),
			E('div', {}, [ E('strong', {}, [ n.hostname ]), E('span', { 'class': 'wandns-label' }, [ words.family(n.type) ]) ].concat(times)),
			E('div', {}, [ labelled(_('Published'), [ address(published) ]) ].concat(
				wanted && wanted != n.published.join(' ') ? [ labelled(_('Should be'), [ address(wanted) ]) ] : [])),
			E('div', { 'class': 'wandns-why' }, n.state != 'current' && n.reason ? [ E('p', {}, [ n.reason, n.word ? ' (“' + n.word + '”)' : '' ]) ] : [])
		]);
	},

	/* Asks what to do about names that are not well, once for each way in which they are not. */
	advise: function(record) {
		const unwell = (record.names || []).filter(n => n.state == 'held' || n.state == 'waiting' || n.state == 'idle');
		const why = JSON.stringify(unwell.map(n => [ n.hostname, n.type, n.state, n.code, n.reason ]));
		const known = this.advice.get(record.name);

		if (!unwell.length)
			return;

		if (known && known.why === why)
			return this.showAdvice(record.name, known.findings);

		this.advice.set(record.name, { why: why, findings: [] });
		bus.diagnose(record.name).then(findings => {
			this.advice.set(record.name, { why: why, findings: findings });
			this.showAdvice(record.name, findings);
		}, () => this.advice.delete(record.name));
	},

	showAdvice: function(record, findings) {
		const card = this.made.get('record:' + record);

		card?.node.querySelectorAll('.wandns-name').forEach(row => {
			const f = findings.find(x => x.name == row.getAttribute('data-name') + ' ' + row.getAttribute('data-type'));
			const why = row.querySelector('.wandns-why');

			if (f && f.severity != 'fine' && !why.querySelector('.wandns-do'))
				why.append(E('p', { 'class': 'wandns-do' }, [
					E('strong', {}, [ words.told(f.what) ]), f.do ? ' — ' + words.told(f.do) : ''
				]));
		});
	},

	update: function(record) {
		return bus.update(record).then(() => bus.status()).then(status => this.show({ status: status }), error => {
			ui.addNotification(null, E('p', {}, [ bus.trouble(error) == 'denied'
				? _('This login may only look.') : _('The service does not answer.') ]), 'warning');
		});
	}
});
