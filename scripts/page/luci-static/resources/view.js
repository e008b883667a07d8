'require ui';

/* Loads, renders, and puts the buttons of the page below. */
return L.Base.extend({
	__init__: function() {
		const place = document.getElementById('view');

		Promise.resolve(this.load()).then(data => this.render(data)).then(nodes => {
			place.replaceChildren();
			L.append(place, nodes);

			if (this.handleSaveApply)
				place.append(E('div', { 'class': 'cbi-page-actions' }, [ E('button', {
					'class': 'btn', 'disabled': L.hasViewPermission() ? null : '',
					'click': ui.createHandlerFn(this, ev => this.handleSaveApply(ev, '0'))
				}, [ _('Save & Apply') ]) ]));
		});
	},
	load: () => null,
	render: () => null
});
