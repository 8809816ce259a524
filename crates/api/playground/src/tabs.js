// The keys of GraphiQL's editor state in localStorage.
const STATE = 'graphiql:tabState';
const EDITORS = ['query', 'variables', 'headers'];
const SERVED = 'atelier:served-tabs';

function storedState() {
  try {
    const state = JSON.parse(localStorage.getItem(STATE));
    return state?.tabs?.[state.activeTabIndex] ? state : null;
  } catch {
    return null;
  }
}

/**
 * Keeps the visitor's tabs until the prefilled tabs of the server change.
 *
 * GraphiQL stores the text of each editor separately from the list of tabs. If they differ on load, it
 * adds a tab and loses the variables of the first one, so this function makes them agree.
 */
export function prepareTabs(tabs) {
  const served = JSON.stringify(tabs);
  if (localStorage.getItem(SERVED) !== served || !storedState()) {
    for (const name of [STATE, ...EDITORS.map((editor) => `graphiql:${editor}`)]) {
      localStorage.removeItem(name);
    }
    localStorage.setItem(SERVED, served);
  }
  const { tabs: current, activeTabIndex } = storedState() ?? { tabs, activeTabIndex: 0 };
  for (const editor of EDITORS) {
    const text = current[activeTabIndex]?.[editor];
    if (text) localStorage.setItem(`graphiql:${editor}`, text);
    else localStorage.removeItem(`graphiql:${editor}`);
  }
}
