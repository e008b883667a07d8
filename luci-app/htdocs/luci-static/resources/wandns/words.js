'use strict';
'require baseclass';

/*
 * How states, times and addresses are shown. Everything that the router or a service said is put
 * into text nodes. Nothing is told by colour alone: each state has a shape and a word.
 */

/* state: [ kind of badge, shape ] */
const badges = {
	current: [ 'good', '✓' ],
	updating: [ 'busy', '↻' ],
	waiting: [ 'wait', '…' ],
	held: [ 'bad', '✕' ],
	idle: [ 'idle', '–' ]
};

const states = {
	current: _('Up to date'),
	updating: _('Updating'),
	waiting: _('Waiting'),
	held: _('Held'),
	idle: _('No address')
};

/* Reasons that say more than the state. */
const codes = {
	'credentials': _('Login refused'),
	'request': _('Name refused'),
	'banned': _('Account blocked'),
	'foreign': _('Foreign addresses'),
	'cgnat': _('Behind carrier-grade NAT'),
	'private': _('Behind another router'),
	'link-down': _('Interface down'),
	'no-device': _('Interface down'),
	'tentative': _('Waiting for the address check'),
	'no-neighbour': _('Host not seen yet'),
	'no-lease': _('Host name unknown'),
	'shared-name': _('Host name not unique'),
	'not-yet-known': _('Asking for the address'),
	'not-seen': _('Outside address unknown')
};

const classes = {
	'public': _('public'),
	'private': _('private'),
	'carrier-grade NAT': _('carrier-grade NAT'),
	'unique local': _('local (ULA)'),
	'link-local': _('link-local')
};

const flags = {
	tentative: _('tentative'),
	duplicate: _('duplicate'),
	deprecated: _('deprecated'),
	temporary: _('temporary')
};

const kinds = {
	address: _('Address'),
	published: _('Published'),
	confirmed: _('Confirmed'),
	unchanged: _('Unchanged'),
	deleted: _('Deleted'),
	failed: _('Failed'),
	held: _('Held')
};

/* What the values of a choice mean, by option. Those that say it themselves are not here. */
const choices = {
	source: {
		auto: _('as the interface has it, or as the Internet sees it behind a NAT'),
		interface: _('as the interface has it'),
		outside: _('as the Internet sees it'),
		host: _('of a host on the LAN: the prefix and its host part'),
		neighbour: _('of a host on the LAN, as it is seen there'),
		static: _('fixed')
	},
	policy: { failover: _('the first interface that works'), all: _('every interface') },
	on_loss: { keep: _('the name stays as it is'), delete: _('it is taken out of the name') },
	allow: { temporary: _('privacy addresses'), ula: _('unique local addresses'), 'link-local': _('link-local addresses') },
	prefer: {
		eui64: _('made of the MAC address'),
		stable: _('one that stays'),
		temporary: _('a privacy address'),
		'shortest-prefix': _('one in the largest prefix')
	}
};

const units = [ [ 'day', 86400 ], [ 'hour', 3600 ], [ 'minute', 60 ], [ 'second', 1 ] ];

/* As the browser's formats want it: LuCI writes some languages with an underscore. */
function locale() {
	try {
		return Intl.getCanonicalLocales(document.documentElement.lang.replace('_', '-'))[0];
	}
	catch {
		return undefined;
	}
}

return baseclass.extend({
	/* LuCI sets the language of the page, so that numbers and dates agree with its words. */
	locale: locale,

	badge: function(kind, shape, text) {
		return E('span', { 'class': 'wandns-badge wandns-' + kind }, [
			E('span', { 'class': 'wandns-shape', 'aria-hidden': 'true' }, [ shape ]), text
		]);
	},

	/* The badge of a name as the status has it. */
	state: function(name) {
		const look = badges[name.state] || [ 'idle', '?' ];
		const told = name.state != 'current' && name.state != 'updating' && codes[name.code];

		return this.badge(look[0], look[1], told || states[name.state] || String(name.state));
	},

	look: function(state) {
		return badges[state] || [ 'idle', '?' ];
	},

	class: function(word) {
		return classes[word] || String(word);
	},

	flag: function(word) {
		return flags[word] || String(word);
	},

	kind: function(word) {
		return kinds[word] || String(word);
	},

	/* A value of a choice as a form shows it: the word of the configuration, and what it means. */
	choice: function(option, value) {
		const meaning = choices[option] && choices[option][value];

		return meaning ? value + ' – ' + meaning : _(value);
	},

	family: function(type) {
		return type == 'AAAA' ? 'IPv6' : 'IPv4';
	},

	/* "3 minutes ago"; seconds are from now, negative in the past. */
	relative: function(seconds) {
		const unit = units.find(u => Math.abs(seconds) >= u[1]) || units[units.length - 1];

		return new Intl.RelativeTimeFormat(locale(), { numeric: 'auto', style: 'short' })
			.format(Math.round(seconds / unit[1]), unit[0]);
	},

	exact: function(time) {
		return new Date(time).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'medium' });
	},

	/* A time that tick() keeps right; skew is the router's clock less the browser's, in ms. */
	time: function(time, skew) {
		const node = E('time', { 'datetime': time, 'title': this.exact(time), 'class': 'wandns-time' });

		this.tick(node, skew);

		return node;
	},

	tick: function(node, skew) {
		const at = Date.parse(node.getAttribute('datetime'));
		const text = this.relative((at - Date.now() - (skew || 0)) / 1000);

		if (node.textContent != text)
			node.textContent = text;
	},

	/* The words of the router's own English sentences: those that are known are translated. */
	told: function(text) {
		return text ? _(text) : '';
	},

	style: function() {
		const href = L.resource('wandns/wandns.css');

		if (!document.head.querySelector('link[href="' + href + '"]'))
			document.head.appendChild(E('link', { 'rel': 'stylesheet', 'href': href }));
	},

	notice: function(kind, title, nodes) {
		return E('div', { 'class': 'alert-message ' + kind, 'role': 'status' }, [ E('h3', {}, [ title ]) ].concat(nodes || []));
	}
});
