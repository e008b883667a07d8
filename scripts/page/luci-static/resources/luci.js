/*
 * A stand-in for LuCI's client side, for tests: as much of its interface as the page uses, written
 * from what that interface is documented to do. Markup is treated as LuCI treats it (a string as
 * the only child of a node is markup), so that a test sees what LuCI would make of it.
 */
'use strict';

(() => {
	const loaded = {};
	let env = {};

	function append(node, children) {
		if (Array.isArray(children))
			children.forEach(c => append(node, c instanceof Node || Array.isArray(c) ? c : c == null ? [] : document.createTextNode(String(c))));
		else if (children instanceof Node)
			node.appendChild(children);
		else if (children != null)
			node.innerHTML = String(children);
	}

	function E(tag, attributes, children) {
		if (Array.isArray(tag)) {
			const fragment = document.createDocumentFragment();

			append(fragment, tag);

			return fragment;
		}

		if (attributes instanceof Node || Array.isArray(attributes) || typeof attributes == 'string') {
			children = attributes;
			attributes = {};
		}

		const node = document.createElement(tag);

		for (const [ name, value ] of Object.entries(attributes || {}))
			if (typeof value == 'function')
				node.addEventListener(name, value);
			else if (value != null)
				node.setAttribute(name, value);

		append(node, children);

		return node;
	}

	class Base {
		constructor(...args) {
			if (this.__init__)
				this.__init__(...args);
		}

		super(name, args) {
			let at = this.superOf && this.superOf[name] || Object.getPrototypeOf(this);

			while (!Object.hasOwn(at, name))
				at = Object.getPrototypeOf(at);

			const before = this.superOf || {};

			this.superOf = { ...before, [name]: Object.getPrototypeOf(at) };

			try {
				let from = Object.getPrototypeOf(at);

				while (!Object.hasOwn(from, name))
					from = Object.getPrototypeOf(from);

				this.superOf[name] = from;

				return from[name].apply(this, args || []);
			}
			finally {
				this.superOf = before;
			}
		}

		static extend(members) {
			const parent = this;
			const child = class extends parent {};

			for (const name of Object.keys(members))
				child.prototype[name] = members[name];

			return child;
		}
	}

	const L = {
		Base, E, append,
		isObject: value => value != null && typeof value == 'object',
		toArray: value => value == null ? [] : Array.isArray(value) ? value : typeof value == 'object' ? [ value ]
			: String(value).trim() == '' ? [] : String(value).trim().split(/\s+/),
		resolveDefault: (value, otherwise) => Promise.resolve(value).catch(() => otherwise),
		resource: path => env.resource + '/' + path,
		url: path => env.scriptname + '/' + path,
		hasViewPermission: () => env.nodespec.satisfied && !env.nodespec.readonly,
		get env() { return env; },

		/* One instance of each module, made when it is first asked for. */
		require(name) {
			if (!loaded[name])
				loaded[name] = fetch(env.resource + '/' + name.replaceAll('.', '/') + '.js').then(async reply => {
					if (!reply.ok)
						throw new Error('no module ' + name);

					const text = await reply.text();
					const needs = Array.from(text.matchAll(/^'require ([\w.-]+)(?: as (\w+))?';$/gm));
					const found = await Promise.all(needs.map(need => L.require(need[1])));
					const names = needs.map(need => need[2] || need[1].replace(/.*\./, ''));
					const made = new Function('window', 'document', 'L', ...names, text + '\n//# sourceURL=' + name)
						.call({}, window, document, L, ...found);

					return typeof made == 'function' && name != 'view' && name != 'baseclass' ? new made() : made;
				});

			return loaded[name];
		}
	};

	window.E = E;
	window.LuCI = function(given) {
		env = given;

		return L;
	};
})();
