import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Condition } from '../../../src/rules/conditions/condition.ts';
import { MAX_NESTING, parseCondition } from '../../../src/rules/conditions/parser.ts';
import { ConditionError } from '../../../src/rules/conditions/scanner.ts';

/** The tree in one line, with every `and` and `or` in parentheses. */
function show(condition: Condition): string {
  switch (condition.kind) {
    case 'macro':
      return condition.name;
    case 'not':
      return `!${show(condition.child)}`;
    case 'check': {
      const { left, operator, right } = condition;
      const subject = left.kind === 'field' ? left.name + (left.argument ? `[${left.argument}]` : '') : 'f()';
      const words = right.kind === 'word' ? [right.word] : right.kind === 'list' ? right.words : [];
      const values = words.map(({ text, quoted }) => (quoted ? JSON.stringify(text) : text)).join(' ');
      return `${subject} ${operator} ${right.kind === 'list' ? `{${values}}` : right.kind === 'field' ? 'f()' : values}`.trim();
    }
    default:
      return `(${condition.children.map(show).join(condition.kind === 'and' ? ' & ' : ' | ')})`;
  }
}

const parsed = (text: string) => show(parseCondition(text));

function errorAt(text: string): number {
  try {
    parseCondition(text);
  } catch (error) {
    assert.ok(error instanceof ConditionError, String(error));
    return error.at;
  }
  assert.fail(`${text} was parsed`);
}

describe('parseCondition', () => {
  it("binds 'not' before 'and' before 'or'", () => {
    assert.equal(parsed('a or b and not c'), '(a | (b & !c))');
    assert.equal(parsed('(a or b) and c'), '((a | b) & c)');
    assert.equal(parsed('a and(b or c)'), '(a & (b | c))');
    assert.equal(parsed('not not a and not(b or not c)'), '(a & !(b | !c))');
  });

  it('reads every operator', () => {
    for (const operator of ['=', '==', '!=']) assert.equal(parsed(`a.b${operator}c`), `a.b ${operator} c`);
    for (const operator of ['<', '<=', '>', '>='])
      assert.equal(parsed(`a.b${operator}-3.5`), `a.b ${operator} -3.5`);
    const words = 'glob iglob contains icontains bcontains startswith bstartswith endswith regex';
    for (const operator of words.split(' ')) {
      assert.equal(parsed(`a.b ${operator} c`), `a.b ${operator} c`);
      assert.equal(parsed(`a.b ${operator} anyof (c, d)`), `a.b ${operator} anyof {c d}`);
    }
    for (const operator of ['in', 'intersects', 'pmatch'])
      assert.equal(parsed(`a.b ${operator}(c,\n d)`), `a.b ${operator} {c d}`);
    assert.equal(parsed('a.b exists'), 'a.b exists');
    assert.equal(parsed('a.b in names'), 'a.b in {names}');
    assert.equal(parsed('a.b in ()'), 'a.b in {}');
    assert.equal(parsed('a.b = oneof or c'), '(a.b = oneof | c)');
  });

  it('reads fields with arguments, transformers, and fields on the right', () => {
    assert.equal(parsed('proc.aname[2]=a'), 'proc.aname[2] = a');
    assert.equal(parsed('json.value["/a b"] = a'), 'json.value[/a b] = a');
    assert.equal(parsed('evt.arg.flags[/a/0] exists'), 'evt.arg.flags[/a/0] exists');
    assert.equal(parsed('tolower( proc.name ) = a'), 'f() = a');
    assert.equal(parsed('join(",", (a.b, toupper(c.d), "x", 3), ())[1] = a'), 'f() = a');
    assert.equal(parsed('proc.name = val( proc.pname[1] )'), 'proc.name = f()');
    assert.equal(
      parsed('proc.name in (basename(a))'.replace('(basename(a))', 'basename(a.b)')),
      'proc.name in f()',
    );
    assert.equal(parsed('len(fd.name) > 0x1F'), 'f() > 0x1F');
  });

  it('unescapes quoted strings as Falco does', () => {
    assert.equal(parsed(String.raw`a.b = "x\"y\\z\n\x41\/"`), `a.b = ${JSON.stringify('x"y\\z\nA/')}`);
    assert.equal(parsed(`a.b = 'it "is"'`), `a.b = ${JSON.stringify('it "is"')}`);
    assert.equal(parsed('a.b = ""'), 'a.b = ""');
  });

  it('says where it could not go on', () => {
    assert.equal(errorAt(''), 0);
    assert.equal(errorAt('a b'), 2);
    assert.equal(errorAt('a and'), 5);
    assert.equal(errorAt('a andb'), 5);
    assert.equal(errorAt('(a'), 2);
    assert.equal(errorAt('a)'), 1);
    assert.equal(errorAt('a.b ~ c'), 4);
    assert.equal(errorAt('a.b containsx'), 4);
    assert.equal(errorAt('a.b >= x'), 7);
    assert.equal(errorAt('a.b in (c,)'), 10);
    assert.equal(errorAt('a.b = "c'), 6);
    assert.equal(errorAt(String.raw`a.b = "\d"`), 6);
    assert.equal(errorAt('a.b[c = d'), 5);
    assert.equal(errorAt('tolower(a.b = c'), 12);
    assert.equal(errorAt('a.b = c=d'), 7);
  });

  it('bounds nesting', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
    assert.equal(parsed(nested(MAX_NESTING)), 'a');
    assert.equal(errorAt(nested(1_000_000)), MAX_NESTING + 1);
    assert.equal(errorAt(`${'tolower('.repeat(100_000)}a.b`), 8 * (MAX_NESTING + 1));
    assert.equal(parsed(`${'not '.repeat(100_001)}a`), '!a');
  });

  it('throws nothing but its own error, whatever it is given', () => {
    const words =
      'and or not ( ) , = != in contains startswith oneof a a.b a.b[ ] " \' \\ tolower( val( 3 exists'.split(
        ' ',
      );
    const grammar = fc.array(fc.constantFrom(...words, ' ', '\n', 'ünï'), { maxLength: 60 });
    const attempt = (text: string) => {
      try {
        parseCondition(text);
      } catch (error) {
        assert.ok(error instanceof ConditionError);
        assert.ok(error.at >= 0 && error.at <= text.length);
      }
    };
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), attempt));
    fc.assert(
      fc.property(grammar, (parts) => attempt(parts.join(' '))),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(grammar, (parts) => attempt(parts.join(''))),
      { numRuns: 2000 },
    );
  });

  it('keeps the shape that parentheses give', () => {
    interface Pair {
      text: string;
      shown: string;
    }
    const leaf = fc.constantFrom<Pair>(
      { text: 'm', shown: 'm' },
      { text: 'a.b=c', shown: 'a.b = c' },
      { text: 'a.b in(c,"d\te")', shown: 'a.b in {c "d\\te"}' },
      { text: 'a.b exists', shown: 'a.b exists' },
    );
    const tree = fc.letrec<{ node: Pair }>((tie) => {
      const two = (word: string, sign: string) =>
        fc.tuple(tie('node'), tie('node'), fc.constantFrom(' ', '\n\t', '  ')).map(([a, b, blank]) => ({
          text: `(${blank}${a.text}${blank}${word}${blank}${b.text})`,
          shown: `(${a.shown} ${sign} ${b.shown})`,
        }));
      const not = tie('node').map((a) => ({ text: `not(${a.text})`, shown: `!${a.shown}` }));
      return { node: fc.oneof({ depthSize: 'small' }, leaf, two('and', '&'), two('or', '|'), not) };
    });
    fc.assert(
      fc.property(tree.node, ({ text, shown }) => {
        assert.equal(parsed(text), shown);
      }),
    );
  });
});
