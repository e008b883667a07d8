'use strict';
'require baseclass';
'require wandns.bus as bus';
'require wandns.words as words';

/* Status → Overview: one line for each name. */

return baseclass.extend({
	title: _('Dynamic DNS (wandns)'),

	load: function() {
		words.style();

		return bus.status().then(status => ({ status: status }), error => ({ trouble: bus.trouble(error) }));
	},

	render: function(state) {
		if (state.trouble == 'denied')
			return null;

		if (!state.status)
			return E('p', { 'class': 'wandns' }, [ words.badge('bad', '✕', _('The service is not running')) ]);

		const head = [ _('Name'), _('State'), _('Published'), _('Changed') ];
		const names = [].concat.apply([], state.status.records.map(r => r.names));
		const cell = (title, nodes) => E('td', { 'class': 'td left', 'data-title': title }, nodes);

		return E('div', { 'class': 'wandns' }, [
			E('table', { 'class': 'table' }, [
				E('tr', { 'class': 'tr table-titles' }, head.map(t => E('th', { 'class': 'th left' }, [ t ])))
			].concat(names.map(n => E('tr', { 'class': 'tr' }, [
				cell(head[0], [ n.hostname + ' (' + words.family(n.type) + ')' ]),
				cell(head[1], [ words.state(n) ]),
				cell(head[2], [ n.published.join(' ') || '-' ]),
				cell(head[3], [ n.changed ? words.time(n.changed, 0) : '-' ])
			]))))
		]);
	}
});
