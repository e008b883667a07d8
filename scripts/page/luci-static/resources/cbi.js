/* A stand-in for what LuCI's cbi.js gives to every page: translation and format(). */
'use strict';

window._ = text => (window.PAGE_TR && window.PAGE_TR[text]) || text;

Object.defineProperty(String.prototype, 'format', { value: function(...values) {
	return this.replace(/%%|%[-+0-9.]*([ds])/g, (m, kind) => m == '%%' ? '%' : kind == 'd' ? String(Math.trunc(values.shift())) : String(values.shift()));
} });
