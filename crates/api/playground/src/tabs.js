// The names under which GraphiQL keeps its editor state in localStorage.
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
 * Keeps the visitor's own tabs for as long as the server offers the same prefilled ones.
 *
 * GraphiQL stores each editor's text apart from the list of tabs, and adds a tab on load when the
 * two disagree (it also loses the first tab's variables); so both are made to agree here.
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
