// GraphiQL loads Prettier's Babel and ESTree plugins only to format the variables and headers
// editors. This plugin uses the JSON formatter that GraphiQL already bundles.
import { applyEdits, format, parse } from 'jsonc-parser';

const astFormat = 'formatted-text';

export const parsers = {
  jsonc: {
    astFormat,
    locStart: () => 0,
    locEnd: (node) => node.text.length,
    parse(text) {
      const errors = [];
      parse(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
      if (errors.length) throw new SyntaxError('not valid JSON');
      const edits = format(text, undefined, { insertSpaces: true, tabSize: 2, eol: '\n' });
      return { text: applyEdits(text, edits) };
    },
  },
};

export const printers = { [astFormat]: { print: (path) => path.node.text } };
