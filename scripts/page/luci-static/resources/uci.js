'require rpc';

/* Packages as they were loaded, and what is to be done to them at the next save. */
const direct = {};

for (const [ method, params ] of Object.entries({
	get: [ 'config' ], add: [ 'config', 'type', 'name', 'values' ], set: [ 'config', 'section', 'values' ],
	delete: [ 'config', 'section', 'options' ], changes: []
}))
	direct[method] = rpc.declare({ object: 'uci', method: method, params: params, reject: true });

return {
	loaded: {},
	values: {},
	todo: [],

	loadPackage: function(name) {
		return this.loaded[name] = this.loaded[name] || direct.get(name).then(answer => answer.values);
	},

	load: function(name) {
		return this.loadPackage(name).then(values => { this.values[name] = values; });
	},

	changes: () => direct.changes().then(answer => answer.changes),

	sections: function(name, type) {
		return Object.values(this.values[name] || {}).filter(s => !type || s['.type'] == type)
			.sort((a, b) => a['.index'] - b['.index']);
	},

	get: function(name, section, option) {
		const found = (this.values[name] || {})[section];

		return option == null ? found : found && found[option];
	},

	set: function(name, section, option, value) {
		this.values[name][section][option] = value;
		this.todo.push(() => direct.set(name, section, { [option]: value }));
	},

	unset: function(name, section, option) {
		if (!Object.hasOwn(this.values[name][section], option))
			return;

		delete this.values[name][section][option];
		this.todo.push(() => direct.delete(name, section, [ option ]));
	},

	add: function(name, type, section) {
		this.values[name][section] = { '.name': section, '.type': type, '.index': 1e6 };
		this.todo.push(() => direct.add(name, type, section, {}));

		return section;
	},

	remove: function(name, section) {
		delete this.values[name][section];
		this.todo.push(() => direct.delete(name, section));
	},

	save: async function() {
		for (const step of this.todo.splice(0))
			await step();

		const names = Object.keys(this.loaded);

		this.loaded = {};
		await Promise.all(names.map(name => this.load(name)));
	}
};
