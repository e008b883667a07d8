'require ui';
'require uci';

/* Values of a form that is not of a configuration. */
const Data = L.Base.extend({
	__init__: function(data) {
		this.data = {};
		Object.keys(data).forEach(name => { this.data[name] = Object.assign({ '.name': name, '.type': name }, data[name]); });
	},
	load: () => Promise.resolve(),
	save: () => Promise.resolve(),
	sections: function(config, type) { return Object.values(this.data).filter(s => s['.type'] == type); },
	get: function(config, section, option) { return option == null ? this.data[section] : (this.data[section] || {})[option]; },
	set: function(config, section, option, value) { this.data[section][option] = value; },
	unset: function(config, section, option) { delete this.data[section][option]; }
});

const Value = L.Base.extend({
	__init__: function(map, section, option, title, description) {
		Object.assign(this, { map: map, section: section, option: option, title: title, description: description, deplist: [], rmempty: true });
	},
	value: function(key, text) {
		this.keylist = this.keylist || [];
		this.vallist = this.vallist || [];
		this.keylist.push(String(key));
		this.vallist.push(text != null ? text : key);
	},
	depends: function(field, value) { this.deplist.push([ field, value ]); },
	cbid: function(section) { return 'cbid.' + this.map.config + '.' + section + '.' + this.option; },
	load: function(section) { return this.map.data.get(this.map.config, section, this.option); },
	cfgvalue: function(section) { return this.map.data.get(this.map.config, section, this.option); },
	textvalue: function(section) { return this.cfgvalue(section); },
	write: function(section, value) { this.map.data.set(this.map.config, section, this.option, value); },
	remove: function(section) { this.map.data.unset(this.map.config, section, this.option); },
	getValidator: () => null,
	validate: () => true,
	choices: function() {
		const all = {};

		(this.keylist || []).forEach((key, i) => { all[key] = this.vallist[i]; });

		return all;
	},
	frame: function(section) { return this.map.findElement('id', this.cbid(section)); },
	isActive: function(section) {
		return !this.deplist.length || this.deplist.some(d => this.section.formvalue(section, d[0]) == d[1]);
	},
	formvalue: function(section) {
		const frame = this.frame(section);

		return frame ? frame.widget.getValue() : this.cfgvalue(section);
	},
	widget: () => ui.Textfield,
	renderWidget: function(section, index, value) {
		return new (this.widget())(value != null ? value : this.default != null ? this.default : '', this.choices(), {
			id: this.cbid(section), password: this.password, placeholder: this.placeholder, disabled: this.map.readonly
		}).render();
	},
	render: function(index, section) {
		return Promise.resolve(this.load(section)).then(value => {
			const node = E('div', { 'class': 'cbi-value', 'data-name': this.option }, [
				E('label', { 'class': 'cbi-value-title', 'for': 'widget.' + this.cbid(section) }, this.title),
				E('div', { 'class': 'cbi-value-field' }, [ this.renderWidget(section, index, value) ])
			]);

			if (this.description)
				node.lastChild.append(E('div', { 'class': 'cbi-value-description' }, this.description));

			node.addEventListener('change', ev => {
				this.map.checkDepends();
				if (this.onchange)
					this.onchange(ev, section, this.formvalue(section));
			});

			return node;
		});
	},
	parse: function(section) {
		if (!this.isActive(section))
			return this.remove(section);

		const value = this.formvalue(section);
		const empty = value == null || value === '' || (Array.isArray(value) && !value.length);
		/* Each value of a list is judged by itself. */
		const verdict = (Array.isArray(value) ? (value.length ? value : [ '' ]) : [ value ])
			.map(v => this.validate(section, v)).find(v => v !== true) || true;

		if (verdict !== true || (empty && !this.rmempty))
			throw new Error(this.option + ': ' + verdict);

		if (empty || (value === this.default && this.rmempty))
			return this.remove(section);

		if (String(value) !== String(this.cfgvalue(section)))
			return this.write(section, value);
	}
});

const of = name => Value.extend({ widget: () => ui[name] });

/* Not of the configuration. */
const Dummy = Value.extend({ parse: () => null, formvalue: () => null });

const Section = L.Base.extend({
	__init__: function(map, type, title) {
		Object.assign(this, { map: map, sectiontype: type, title: title, children: [] });
	},
	tab: () => null,
	option: function(kind, name, title, description) {
		const made = new kind(this.map, this, name, title, description);

		this.children.push(made);

		return made;
	},
	taboption: function(tab, ...args) { return this.option(...args); },
	getOption: function(name) { return this.children.find(o => o.option == name); },
	formvalue: function(section, name) { return this.getOption(name).formvalue(section); },
	cfgsections: function() { return this.map.data.sections(this.map.config, this.sectiontype).map(s => s['.name']); },
	renderOptions: function(section) {
		return Promise.all(this.children.filter(o => o.modalonly !== false).map((o, i) => o.render(i, section)));
	},
	render: async function() {
		const box = E('div', { 'class': 'cbi-section' }, [ E('h3', {}, this.title) ]);

		for (const section of this.cfgsections())
			box.append(...await this.renderOptions(section));

		return box;
	},
	parse: function() {
		this.cfgsections().forEach(section => this.children.forEach(o => o.frame(section) && o.parse(section)));
	}
});

const Named = Section.extend({
	cfgsections: function() { return [ this.sectiontype ]; }
});

/* A table with an editor for each row. */
const Grid = Section.extend({
	parse: () => null,
	render: async function() {
		const shown = this.children.filter(o => !o.modalonly);
		const button = (title, click) => E('button', { 'class': 'btn', 'disabled': this.map.readonly ? '' : null, 'click': click }, [ title ]);
		const name = E('input', { 'type': 'text', 'aria-label': _('Name'), 'disabled': this.map.readonly ? '' : null });
		const rows = this.cfgsections().map(section => E('tr', { 'class': 'tr', 'data-section-id': section }, [
			E('td', { 'class': 'td' }, [ section ])
		].concat(shown.map(o => E('td', { 'class': 'td', 'data-title': o.title }, o.textvalue(section)))).concat([
			E('td', { 'class': 'td' }, [
				button(_('Edit'), () => this.edit(section)),
				button(_('Delete'), () => { uci.remove(this.map.config, section); return uci.save().then(() => this.map.redraw()); })
			])
		])));
		const heads = [ _('Name') ].concat(shown.map(o => o.title)).concat([ _('Actions') ]);

		return E('div', { 'class': 'cbi-section' }, [
			E('h3', {}, this.title),
			E('table', { 'class': 'table' }, [ E('tr', { 'class': 'tr' }, heads.map(h => E('th', { 'class': 'th' }, [ h ]))) ].concat(rows)),
			E('div', {}, [ name, button(this.addbtntitle, () => {
				uci.add(this.map.config, this.sectiontype, name.value);

				return this.edit(name.value);
			}) ])
		]);
	},
	/* The editor is a map of its own, with copies of the options. */
	edit: async function(section) {
		const map = new Map(this.map.config);
		const copy = map.section(Named, section);

		this.children.filter(o => o.modalonly !== false).forEach(o => {
			const made = copy.option(o.constructor, o.option, o.title, o.description);

			Object.keys(o).filter(k => ![ 'map', 'section' ].includes(k)).forEach(k => { made[k] = o[k]; });
		});

		const node = await map.render();

		ui.showModal(this.modaltitle(section), [ node, E('button', { 'class': 'btn', 'click': () => map.save(null, true).then(() => {
			ui.hideModal();

			return this.map.redraw();
		}) }, [ _('Save') ]) ]);
	}
});

const Map = L.Base.extend({
	__init__: function(config, title, description) {
		Object.assign(this, { config: config, title: title, description: description, data: uci, children: [] });
	},
	section: function(kind, type, ...args) {
		const made = kind.prototype instanceof Named || kind === Named
			? new kind(this, type, args[1] || args[0]) : new kind(this, type, args[0]);

		this.children.push(made);

		return made;
	},
	load: function() { return this.data.load(this.config); },
	render: function() {
		return this.load().then(async () => {
			this.root = E('div', { 'class': 'cbi-map' });
			await this.redraw();

			return this.root;
		});
	},
	redraw: async function() {
		const nodes = [];

		for (const section of this.children)
			nodes.push(await section.render());

		this.root.replaceChildren(...(this.title ? [ E('h2', {}, this.title), E('div', {}, this.description) ] : []), ...nodes);
		this.checkDepends();
	},
	findElement: function(name, value) { return this.root && this.root.querySelector('[' + name + '="' + value + '"]'); },
	checkDepends: function() {
		this.children.forEach(section => section.cfgsections().forEach(sid => section.children.forEach(o => {
			const frame = o.frame(sid);

			if (frame)
				frame.closest('.cbi-value').classList.toggle('hidden', !o.isActive(sid));
		})));
	},
	save: function() {
		return Promise.resolve().then(() => this.children.forEach(section => section.parse()))
			.then(() => this.data.save()).catch(e => {
				ui.addNotification(null, [ String(e.message) ]);
				throw e;
			});
	},
	reset: function() { return this.redraw(); }
});

const JSONMap = Map.extend({
	__init__: function(data, title, description) {
		Object.assign(this, { config: 'json', title: title, description: description, data: new Data(data), children: [] });
	}
});

return {
	Map: Map, JSONMap: JSONMap, NamedSection: Named, TypedSection: Section, GridSection: Grid,
	Value: Value, DummyValue: Dummy, Flag: of('Checkbox'), ListValue: of('Select'), MultiValue: of('MultiSelect'), DynamicList: of('List')
};
