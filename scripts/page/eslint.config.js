import js from '@eslint/js';

const seen = names => Object.fromEntries(names.split(' ').map(name => [ name, 'readonly' ]));
const browser = 'window document location fetch setInterval setTimeout clearTimeout Event Node Intl';

export default [
	js.configs.recommended,
	{
		files: [ '**/luci-static/**/*.js' ],
		plugins: { luci: { processors: { module: {
			/* LuCI runs a module as the body of a function whose arguments are what it requires. */
			preprocess: text => [ '(function(' + Array.from(text.matchAll(/^'require ([\w.-]+)(?: as (\w+))?';$/gm))
				.map(need => need[2] || need[1].replace(/.*\./, '')).join(', ') + ') {' + text + '})();' ],
			postprocess: messages => messages.flat()
		} } } },
		processor: 'luci/module',
		languageOptions: { ecmaVersion: 2022, sourceType: 'script', globals: seen(browser + ' L E _') },
		rules: { 'no-unused-vars': [ 'error', { args: 'none' } ], 'no-redeclare': 'off', 'no-undef': 'error', 'eqeqeq': 'off', 'no-var': 'error', 'prefer-const': 'error' }
	},
	{
		files: [ '**/tests/*.mjs' ],
		languageOptions: { ecmaVersion: 2022, sourceType: 'module', globals: seen(browser + ' process console L performance requestAnimationFrame MutationObserver') }
	}
];
