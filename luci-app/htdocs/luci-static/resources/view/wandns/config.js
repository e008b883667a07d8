'use strict';
'require form';
'require ui';
'require uci';
'require view';
'require wandns.bus as bus';
'require wandns.config as config';
'require wandns.fields as fields';
'require wandns.words as words';

/* Where the options of a record stand in its editor; what is not named is for those who know. */
const general = [ 'enabled', 'account', 'hostname', 'interface', 'family' ];

return view.extend({
	load: function() {
		words.style();

		return Promise.all([ config.tables(), L.resolveDefault(bus.interfaces(), []), config.load() ]);
	},

	render: function(data) {
		const tables = data[0];
		const map = new form.Map('wandns', _('Accounts and Records'),
			_('An account says where and with which login names are kept; a record says which names, and whose address.'));

		this.accounts(map, tables);
		this.records(map, tables, data[1].map(i => i.interface));
		this.main(map, tables);
		map.readonly = !L.hasViewPermission();
		this.map = map;

		return map.render();
	},

	grid: function(map, type, title, word) {
		const grid = map.section(form.GridSection, type, title);

		grid.addremove = true;
		grid.anonymous = false;
		grid.nodescriptions = true;
		grid.addbtntitle = word;
		grid.modaltitle = sid => title + ' » ' + sid;
		grid.tab('general', _('General'));
		grid.tab('advanced', _('Advanced'));

		return grid;
	},

	accounts: function(map, tables) {
		const grid = this.grid(map, 'account', _('Accounts'), _('Add account'));
		const service = fields.account(grid, tables, 'general', 'advanced');

		service.modalonly = null;
	},

	records: function(map, tables, interfaces) {
		const grid = this.grid(map, 'record', _('Records'), _('Add record'));
		const accounts = uci.sections('wandns', 'account').map(s => [ s['.name'], s['.name'] ]);
		const made = fields.record(grid, tables, name => general.includes(name) ? 'general' : 'advanced', accounts, interfaces);

		fields.extras(grid, tables, 'advanced');
		grid.sortable = true;
		[ 'hostname', 'account', 'enabled' ].forEach(name => made[name].modalonly = null);
		made.enabled.editable = true;
		made.hostname.textvalue = fields.plain();
		made.account.textvalue = fields.plain();
		made.account.load = function(sid) {
			const taken = this.keylist || [];

			uci.sections('wandns', 'account').forEach(s => taken.includes(s['.name']) || this.value(s['.name'], s['.name']));

			return form.ListValue.prototype.load.call(this, sid);
		};
	},

	main: function(map, tables) {
		const section = map.section(form.TypedSection, 'wandns', _('Service'));

		section.anonymous = true;
		section.addremove = false;
		section.tab('main', _('Service'));
		tables.main.forEach(option => {
			const kind = { bool: form.Flag, choice: form.ListValue }[option.kind] || (option.list ? form.DynamicList : form.Value);
			const field = section.taboption('main', kind, option.name, _(option.title), _(option.help));

			(option.values || []).forEach(v => option.kind == 'choice' && field.value(v));
			if (option.kind == 'bool' || option.kind == 'choice')
				field.default = option.default;
			else
				field.placeholder = option.default;
			if (option.kind != 'bool')
				field.validate = (sid, value) => fields.check(option, value);
		});
	},

	/* What is saved and not applied shows on these pages only, so it is applied at once. */
	handleSave: null,

	handleSaveApply: function(ev, mode) {
		return this.map.save().then(() => ui.changes.apply(mode == '0'));
	},

	handleReset: function() {
		return this.map.reset();
	}
});
