'use strict';
'require ui';
'require view';
'require wandns.bus as bus';
'require wandns.words as words';

/* What the configuration of ddns-scripts would be here; and then, that. */

const fates = {
	lost: [ 'bad', '!', _('Lost') ],
	unneeded: [ 'idle', '–', _('Not needed') ]
};

function notes(options) {
	return E('ul', { 'class': 'wandns-list' }, (options || []).filter(o => fates[o.fate]).map(o => E('li', {}, [
		words.badge.apply(words, fates[o.fate]), ' ', E('code', {}, [ o.option ]), ' ', o.text || ''
	])));
}

return view.extend({
	handleSave: null,
	handleReset: null,
	handleSaveApply: null,

	load: function() {
		words.style();

		return L.hasViewPermission() ? this.ask(false) : null;
	},

	/* The plan, or { error } in the program's own words. */
	ask: function(write) {
		return bus.importRival(write).then(result => {
			const plan = result.stdout ? JSON.parse(result.stdout) : {};

			if (result.code)
				plan.error = (result.stderr || '').replace(/^wandns: /, '').trim();

			return plan;
		}).catch(() => ({ error: _('The program could not be asked.') }));
	},

	render: function(plan) {
		const head = [
			E('h2', {}, [ _('Import from ddns-scripts') ]),
			E('p', {}, [ _('This is what the settings of ddns-scripts in /etc/config/ddns are here. Nothing is changed until you say so.') ])
		];

		if (!plan)
			return E('div', { 'class': 'wandns' }, head.concat([
				words.notice('notice', _('This login may only look.'), [])
			]));

		this.place = E('div', { 'class': 'wandns' }, head.concat(this.plan(plan)));

		return this.place;
	},

	plan: function(plan) {
		const nodes = [];
		const sections = plan.sections || [];

		if (plan.error)
			nodes.push(words.notice('warning', _('There is nothing to import as it is'), [ E('p', {}, [ plan.error ]) ]));

		nodes.push(E('div', { 'class': 'wandns-cards wandns-wide' }, sections.map(s => E('section', { 'class': 'wandns-card' }, [
			E('div', { 'class': 'wandns-head' }, [
				E('h3', {}, [ s.section ]),
				s.why ? words.badge('bad', '✕', _('Left out')) : words.badge('good', '✓', _('Taken over'))
			]),
			E('p', {}, [ s.why || (s.record ? _('Account “%s”, record “%s”').format(s.account, s.record) : '') ]),
			notes(s.options)
		]))));

		if (plan.uci && plan.uci.trim())
			nodes.push(E('h3', {}, [ _('What is added') ]), E('pre', { 'tabindex': '0' }, [ plan.uci.trim() ]));

		if (!plan.error)
			nodes.push(E('div', { 'class': 'cbi-page-actions' }, [ E('button', {
				'class': 'btn cbi-button cbi-button-apply', 'click': ui.createHandlerFn(this, 'carryOut')
			}, [ _('Import, and stop ddns-scripts') ]) ]));

		return nodes;
	},

	carryOut: function() {
		return this.ask(true).then(plan => {
			if (plan.error || !plan.written) {
				ui.addNotification(null, E('p', {}, [ plan.error || _('Nothing was written.') ]), 'warning');
				return;
			}

			/* Two clients of one name would fight over it. */
			return bus.service('ddns', 'stop')
				.then(() => bus.service('ddns', 'disable'))
				.then(() => bus.service('wandns', 'reload'))
				.then(() => { window.location = L.url('admin/services/wandns/overview'); });
		});
	}
});
