let id = 1;

return {
	declare: options => (...args) => {
		const named = {};

		(options.params || []).forEach((name, i) => { named[name] = args[i]; });

		return fetch(L.env.ubuspath, { method: 'POST', body: JSON.stringify({
			jsonrpc: '2.0', id: id++, method: 'call', params: [ L.env.sessionid, options.object, options.method, named ]
		}) }).then(reply => reply.json()).then(answer => {
			const what = 'RPC call to ' + options.object + '/' + options.method;

			if (answer.error)
				throw new Error(what + ' failed with error ' + answer.error.code + ': ' + answer.error.message);

			if (options.reject && answer.result[0] !== 0)
				throw new Error(what + ' failed with ubus code ' + answer.result[0] + ': ?');

			let value = answer.result.length > 1 ? answer.result[1] : answer.result[0];

			for (const key of Object.keys(options.expect || {})) {
				value = key && value != null ? value[key] : value;
				if (value == null || Array.isArray(value) != Array.isArray(options.expect[key]))
					value = options.expect[key];
			}

			return value;
		});
	}
};
