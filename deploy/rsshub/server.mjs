// Serves RSSHub, unmodified and in a process of its own, on loopback: PORT=1200 node server.mjs
// The package ships a library without a server; this takes its inner application, which gives whole feeds.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

process.env.NODE_ENV ||= 'production'; // selects the route table that was built with it

// one chunk imports a plugin of dayjs without its ending: a dozen routes would not load
registerHooks({
  resolve: (name, context, next) => next(/^dayjs\/plugin\/\w+$/.test(name) ? `${name}.js` : name, context),
});

const library = fileURLToPath(import.meta.resolve('rsshub')); // names the chunk that holds the application
const chunk = /import\("\.\/(app-[^"]+\.mjs)"\)/.exec(readFileSync(library, 'utf8'))[1];
const { default: app } = await import(pathToFileURL(path.join(path.dirname(library), chunk)).href);
const { serve } = await import('@hono/node-server');
const port = Number(process.env.PORT || 1200);
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, (at) => console.log(`READY ${at.port}`));
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    server.close();
    process.exit(0);
  });
}
