'use strict';
'require poll';
'require view';
'require wandns.bus as bus';
'require wandns.words as words';

/* The daemon's lines of the system's log, the newest last, followed. */

const LINES = 1000;

/* Priorities of syslog, of which the log keeps the lowest three bits. */
const levels = [ [ 7, _('Everything') ], [ 6, _('Changes and failures') ], [ 4, _('Warnings and errors') ], [ 3, _('Errors only') ] ];

return view.extend({
	handleSave: null,
	handleReset: null,
	handleSaveApply: null,

	load: function() {
		words.style();

		return this.read();
	},

	read: function() {
		return bus.log(LINES).then(lines => ({ lines: lines.filter(l => /^wandns(\[\d+\])?: /.test(l.msg)) }),
			error => ({ trouble: bus.trouble(error) }));
	},

	render: function(first) {
		const redraw = () => this.draw(this.state);

		this.text = E('input', { 'id': 'wandns-filter', 'type': 'search', 'class': 'cbi-input-text', 'input': redraw });
		this.level = E('select', { 'id': 'wandns-level', 'class': 'cbi-input-select', 'change': redraw },
			levels.map(l => E('option', { 'value': l[0] }, [ l[1] ])));
		this.follow = E('input', { 'id': 'wandns-follow', 'type': 'checkbox', 'checked': '' });
		this.out = E('div', { 'class': 'wandns-log', 'role': 'log', 'tabindex': '0', 'aria-label': _('Log') });
		this.note = E('div', { 'aria-live': 'polite' });
		this.draw(first);
		poll.add(() => this.read().then(state => this.draw(state)), 2);

		const label = (id, text) => E('label', { 'for': id }, [ text, ' ' ]);

		return E('div', { 'class': 'wandns' }, [
			E('h2', {}, [ _('Log') ]),
			E('div', { 'class': 'wandns-head' }, [
				E('div', {}, [ label('wandns-filter', _('Contains')), this.text ]),
				E('div', {}, [ label('wandns-level', _('Show')), this.level ]),
				E('div', {}, [ this.follow, ' ', label('wandns-follow', _('Follow')) ])
			]),
			this.note,
			this.out
		]);
	},

	draw: function(state) {
		this.state = state;
		this.note.replaceChildren(state.trouble ? words.notice('warning', _('The log cannot be read'), [
			E('p', {}, [ state.trouble == 'denied' ? _('This login may only look.') : _('The router does not answer') ])
		]) : '');

		if (state.trouble)
			return;

		const wanted = this.text.value.toLowerCase();
		const shown = state.lines.filter(l => (l.priority & 7) <= this.level.value && l.msg.toLowerCase().includes(wanted));
		const text = shown.map(l => words.exact(l.time) + '  ' + l.msg.replace(/^wandns(\[\d+\])?: /, '')).join('\n') || _('Nothing yet.');

		if (this.out.textContent != text)
			this.out.textContent = text;

		if (this.follow.checked)
			this.out.scrollTop = this.out.scrollHeight;
	}
});
