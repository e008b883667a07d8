'use strict';
'require baseclass';
'require fs';
'require rpc';

/*
 * What the page asks the router. A promise that is rejected carries an error; trouble() says in
 * one word what it means for the page.
 */

const methods = {
	status: rpc.declare({ object: 'wandns', method: 'status', reject: true }),
	update: rpc.declare({ object: 'wandns', method: 'update', params: [ 'record' ], reject: true }),
	history: rpc.declare({ object: 'wandns', method: 'history', params: [ 'record' ], expect: { events: [] }, reject: true }),
	diagnose: rpc.declare({ object: 'wandns', method: 'diagnose', params: [ 'record' ], expect: { findings: [] }, reject: true }),
	test: rpc.declare({ object: 'wandns', method: 'test', params: [ 'account', 'options' ], reject: true }),
	config: rpc.declare({ object: 'luci.wandns', method: 'config', reject: true }),
	interfaces: rpc.declare({ object: 'network.interface', method: 'dump', expect: { interface: [] }, reject: true }),
	log: rpc.declare({ object: 'log', method: 'read', params: [ 'lines', 'stream', 'oneshot' ], expect: { log: [] }, reject: true })
};

/* Codes of uhttpd's JSON-RPC and of ubus, and what they mean. */
const meanings = {
	'error -32000': 'absent',
	'ubus code 4': 'absent',
	'ubus code 5': 'absent',
	'error -32002': 'denied',
	'ubus code 6': 'denied'
};

return baseclass.extend({
	status: methods.status,
	update: methods.update,
	history: methods.history,
	diagnose: methods.diagnose,
	test: methods.test,
	config: methods.config,
	interfaces: methods.interfaces,

	/* The newest lines of the system's log. */
	log: function(lines) {
		return methods.log(lines, false, true);
	},

	/* Only the command lines that the access list names can be run. */
	importRival: function(write) {
		return fs.exec('/usr/sbin/wandns', write ? [ 'import', '--json', '--write' ] : [ 'import', '--json' ]);
	},

	service: function(name, action) {
		return fs.exec('/etc/init.d/' + name, [ action ]);
	},

	/* 'absent': nobody answers to that name; 'denied': this session may not; 'away': nothing answers. */
	trouble: function(error) {
		const text = (error && error.message) || '';
		const found = text.match(/(error -\d+|ubus code \d+)/);

		return (found && meanings[found[1]]) || 'away';
	}
});
