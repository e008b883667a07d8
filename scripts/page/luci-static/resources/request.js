return { get: url => fetch(url) };
