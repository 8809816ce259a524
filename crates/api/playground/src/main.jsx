import './workers.js';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './style.css';

import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

import { createFetcher } from './fetcher.js';
import { storage } from './storage.js';
import { prepareTabs } from './tabs.js';

const config = JSON.parse(document.getElementById('playground-config').textContent);
const { endpoint = '/graphql', notice } = config;
const tabs = config.tabs?.length ? config.tabs : [{ query: '{ __typename }' }];

prepareTabs(tabs);

createRoot(document.getElementById('root')).render(
  <>
    {notice && <p className="notice" role="note">{notice}</p>}
    <main>
      <GraphiQL
        fetcher={createFetcher(endpoint)}
        defaultTabs={tabs}
        storage={storage}
        defaultEditorToolsVisibility="variables"
      >
        <GraphiQL.Logo>Atelier</GraphiQL.Logo>
      </GraphiQL>
    </main>
  </>,
);
