'require rpc';

const exec = rpc.declare({ object: 'file', method: 'exec', params: [ 'command', 'params' ], reject: true });

return { exec: (command, params) => exec(command, params) };
