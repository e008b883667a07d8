'require uci';

function overlay() {
	let node = document.getElementById('modal_overlay');

	if (!node) {
		node = E('div', { 'id': 'modal_overlay', 'class': 'hidden' });
		document.body.append(node);
	}

	return node;
}

/* Widgets keep their value in the DOM; forms ask by getValue(). */
function widget(make, read) {
	return L.Base.extend({
		__init__: function(value, choices, options) {
			Object.assign(this, { value: value, choices: choices, options: options });
		},
		render: function() {
			this.node = E('div', { 'id': this.options.id }, [ make(this) ]);
			this.node.widget = this;

			return this.node;
		},
		getValue: function() {
			return read(this.node.firstChild);
		}
	});
}

const named = self => ({ 'id': 'widget.' + self.options.id, 'disabled': self.options.disabled ? '' : null });

function options(self) {
	const keys = Array.isArray(self.options.sort) ? self.options.sort : Object.keys(self.choices);

	return keys.map(key => E('option', { 'value': key, 'selected': L.toArray(self.value).includes(key) ? '' : null }, [ self.choices[key] ]));
}

return {
	Textfield: widget(self => E('input', Object.assign(named(self), {
		'type': self.options.password ? 'password' : 'text', 'value': self.value, 'placeholder': self.options.placeholder
	})), node => node.value),
	Checkbox: widget(self => E('input', Object.assign(named(self), { 'type': 'checkbox', 'checked': self.value == '1' ? '' : null })),
		node => node.checked ? '1' : '0'),
	Select: widget(self => E('select', named(self), options(self)), node => node.value),
	MultiSelect: widget(self => E('select', Object.assign(named(self), { 'multiple': '' }), options(self)),
		node => Array.from(node.selectedOptions).map(o => o.value)),
	List: widget(self => E('input', Object.assign(named(self), { 'type': 'text', 'value': L.toArray(self.value).join(' ') })),
		node => L.toArray(node.value)),

	instantiateView: path => L.require('view.' + path.replaceAll('/', '.')),

	createHandlerFn: (self, handler, ...args) => ev => {
		const button = ev.currentTarget;

		button.disabled = true;

		return Promise.resolve((typeof handler == 'function' ? handler : self[handler]).call(self, ...args, ev))
			.finally(() => { button.disabled = false; });
	},

	showModal: (title, children) => {
		const box = E('div', { 'class': 'modal', 'role': 'dialog', 'aria-modal': 'true' }, [ E('h4', {}, title) ]);

		L.append(box, children);
		overlay().replaceChildren(box);
		overlay().className = '';
	},

	hideModal: () => {
		overlay().className = 'hidden';
		overlay().replaceChildren();
	},

	addNotification: (title, children) => {
		const note = E('div', { 'class': 'alert-message', 'role': 'alert' });

		L.append(note, children);
		document.getElementById('maincontent').prepend(note);
	},

	changes: {
		init: () => uci.changes(),
		apply: () => fetch(L.url('admin/uci/apply_rollback'), { method: 'POST' }).then(() => window.location.reload())
	}
};
