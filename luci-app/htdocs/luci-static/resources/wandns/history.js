'use strict';
'require baseclass';
'require ui';
'require wandns.bus as bus';
'require wandns.words as words';

/* What happened to a record: a plot over time, and the same in a table. */

const SVG = 'http://www.w3.org/2000/svg';

/* size in units of the drawing */
const size = { width: 640, left: 110, right: 12, row: 34, foot: 24 };

const looks = {
	address: [ 'busy', '◆' ],
	published: [ 'good', '✓' ],
	confirmed: [ 'good', '✓' ],
	unchanged: [ 'wait', '=' ],
	deleted: [ 'good', '−' ],
	failed: [ 'bad', '!' ],
	held: [ 'bad', '✕' ]
};

function draw(tag, attributes, nodes) {
	const node = document.createElementNS(SVG, tag);

	Object.keys(attributes).forEach(name => node.setAttribute(name, attributes[name]));
	node.append.apply(node, nodes || []);

	return node;
}

/* Each kind has a form of its own, not a colour alone. */
function mark(kind, x, y) {
	const look = (looks[kind] || [ 'busy' ])[0];

	if (look == 'good')
		return draw('circle', { cx: x, cy: y, r: 5, 'class': look });

	if (look == 'bad')
		return draw('rect', { x: x - 5, y: y - 5, width: 10, height: 10, 'class': look });

	return draw('path', { d: 'M%d %dl5 6l-5 6l-5 -6z'.format(x, y - 6), 'class': look });
}

function plot(events) {
	const rows = Array.from(new Set(events.map(e => e.type || ''))).sort();
	const times = events.map(e => Date.parse(e.time));
	const first = Math.min.apply(Math, times);
	const span = Math.max(Math.max.apply(Math, times) - first, 1000);
	const height = rows.length * size.row + size.foot;
	const across = time => size.left + Math.round((time - first) / span * (size.width - size.left - size.right));
	const svg = draw('svg', {
		'class': 'wandns-plot', viewBox: '0 0 %d %d'.format(size.width, height), role: 'img',
		'aria-label': _('%d events from %s to %s').format(events.length, words.exact(first), words.exact(first + span))
	});

	rows.forEach((type, i) => {
		const y = i * size.row + size.row / 2;

		svg.append(
			draw('text', { x: 0, y: y + 4 }, [ words.family(type) + ' (' + type + ')' ]),
			draw('line', { 'class': 'axis', x1: size.left, x2: size.width - size.right, y1: y, y2: y }));
		events.filter(e => (e.type || '') == type).forEach(e => {
			const node = mark(e.kind, across(Date.parse(e.time)), y);

			node.append(draw('title', {}, [ words.exact(e.time) + ': ' + words.kind(e.kind) + ' ' + e.addresses.join(' ') ]));
			svg.append(node);
		});
	});
	svg.append(
		draw('text', { x: size.left, y: height - 6 }, [ words.exact(first) ]),
		draw('text', { x: size.width - size.right, y: height - 6, 'text-anchor': 'end' }, [ words.exact(first + span) ]));

	return svg;
}

function row(e) {
	const look = looks[e.kind] || [ 'idle', '?' ];
	const told = [ e.addresses.join(' '), e.word ? '“' + e.word + '”' : '', e.text ].filter(t => t);
	const cell = (title, nodes) => E('td', { 'class': 'td left', 'data-title': title }, nodes);

	return E('tr', { 'class': 'tr' }, [
		cell(_('Time'), [ E('time', { 'datetime': e.time }, [ words.exact(e.time) ]) ]),
		cell(_('What'), [ words.badge(look[0], look[1], words.kind(e.kind)) ]),
		cell(_('Name'), [ e.hostname ? e.hostname + ' ' + e.type : words.family(e.type) ]),
		cell(_('Details'), [ told.join(' · ') ]),
		cell(_('Took'), [ e.took_ms ? new Intl.NumberFormat(words.locale()).format(e.took_ms) + ' ms' : '-' ])
	]);
}

function body(events) {
	if (!events.length)
		return [ E('p', {}, [ _('Nothing has happened since the service started.') ]) ];

	const head = [ _('Time'), _('What'), _('Name'), _('Details'), _('Took') ];

	return [
		plot(events),
		E('div', { 'style': 'max-height:50vh;overflow:auto', 'tabindex': '0', 'role': 'region', 'aria-label': _('History') }, [
			E('table', { 'class': 'table' }, [
				E('tr', { 'class': 'tr table-titles' }, head.map(title => E('th', { 'class': 'th left' }, [ title ])))
			].concat(events.slice().reverse().map(row)))
		])
	];
}

return baseclass.extend({
	show: function(record) {
		const close = E('button', { 'class': 'btn cbi-button', 'click': ui.hideModal }, [ _('Close') ]);

		return bus.history(record).then(events => {
			ui.showModal([ _('History of “%s”').format(record) ], [
				E('div', { 'class': 'wandns' }, body(events)),
				E('div', { 'class': 'right' }, [ close ])
			]);
			close.focus();
		}, () => ui.addNotification(null, E('p', {}, [ _('The history could not be read.') ]), 'warning'));
	}
});
