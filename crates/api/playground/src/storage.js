// What GraphiQL keeps in the browser, without the headers that its history would keep with every operation: a key must not
// stay behind for whoever sits there next.

const HISTORY = /:(queries|favorites)$/;

const withoutHeaders = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), (name, value) => (name === 'headers' ? undefined : value));
  } catch {
    return '{}';
  }
};

export const storage = {
  get length() {
    return localStorage.length;
  },
  getItem: (name) => localStorage.getItem(name),
  setItem: (name, text) => localStorage.setItem(name, HISTORY.test(name) ? withoutHeaders(text) : text),
  removeItem: (name) => localStorage.removeItem(name),
  clear: () => localStorage.clear(),
};
