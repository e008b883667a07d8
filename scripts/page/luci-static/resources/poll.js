/* A round waits for the one before, as in LuCI. */
return {
	add: (task, seconds) => {
		let busy = false;

		setInterval(() => {
			if (busy)
				return;

			busy = true;
			Promise.resolve(task()).finally(() => { busy = false; });
		}, seconds * 1000);
	}
};
