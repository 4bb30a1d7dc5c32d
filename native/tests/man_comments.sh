#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The parser of the headers' comments finds each part of a comment, and refuses what it would
# misunderstand.
set -u
source_dir=${WQ_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
parser=$source_dir/native/man/kernel_doc.py
command -v python3 >/dev/null || exit 77
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# judge CLAIM COMMAND...
judge() {
	claim=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
		echo "ok $claim"
	else
		failed=$((failed + 1))
		echo "FAIL $claim"
	fi
}

# is EXPRESSION JSON: the part of the parsed header that the Python expression names; e has the
# entries by name, b the blocks
is() {
	python3 - "$tmp/parsed.json" "$1" "$2" <<-'END'
		import json, sys
		parsed = json.load(open(sys.argv[1], encoding="utf-8"))
		names = {"e": {e["name"]: e for e in parsed["entries"]}, "b": parsed["blocks"]}
		found, wanted = eval(sys.argv[2], names), json.loads(sys.argv[3])
		if found != wanted:
		    print("  %s is %s, not %s" % (sys.argv[2], json.dumps(found), sys.argv[3]))
		sys.exit(found != wanted)
	END
}

# refuses TEXT WORDS: a header with the comment is not parsed, for the reason
refuses() {
	printf '%s\nvoid f(int a);\n' "$1" >"$tmp/refused.h"
	! python3 "$parser" "$tmp/refused.h" >/dev/null 2>"$tmp/error" && grep -qF "$2" "$tmp/error"
}

cat >"$tmp/small.h" <<'END'
/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * DOC: Overview
 *
 * Two lines
 * of prose.
 *
 *	int main(void)
 *	{
 *
 *		return 0;
 *	}
 *
 * DOC: Threads
 *
 * Any.
 */

/* ---- Calls: all of them -------------------------------------------------- */

/**
 * add() - add two numbers
 * @a: one of them; much
 *	is said of it
 * @b: the other
 * It adds "–" and nothing else.
 * Return is no field without its colon.
 *
 * - A point.
 *
 * Context: never blocks.
 * Memory:  orders nothing.
 * Return:  the sum, or 0 if it
 *	    has none.
 *
 * The last paragraph.
 */
int add(int a,
	int b);

/** plus() - add() by another name */
int plus(int a, int b);

/**
 * ADD() - the same at compile time
 * @a: one of them
 */
/* Not a kernel-doc comment. */
#define ADD(a, b) ((a) + (b))

/**
 * typedef adder - what adds
 */
typedef int (*adder)(int a, int b);

/* ---- Types ----------------------------------------------------------------- */

/**
 * struct pair - two numbers
 * @first: comes first
 */
struct pair {
	int first;
	/* private: nobody's */
	int second;
};

/** enum - bits without a name */
enum {
	BIT_A = 0x01, /* @first takes it */
	BIT_B = 2 /* the last has no comma */
};

/** enum level - how loud */
enum level {
	LOUD = 1,    /* aligned */
	SILENT
};
END
python3 "$parser" "$tmp/small.h" >"$tmp/parsed.json" || exit 1

judge "every comment is found, in order" is 'list(e)' '["add", "plus", "ADD", "adder", "pair", "", "level"]'
judge "each has its kind" is '[x["kind"] for x in e.values()]' \
	'["function", "function", "function", "typedef", "struct", "enum", "enum"]'
judge "the first line is the summary" is 'e["add"]["summary"]' '"add two numbers"'
judge "a comment of one line is nothing else" is '[e["plus"][x] for x in ("summary", "params", "fields", "body")]' \
	'["add() by another name", {}, {}, []]'
judge "a parameter goes on where it is indented" is 'e["add"]["params"]' \
	'{"a": ["one of them; much", "is said of it"], "b": ["the other"]}'
judge "Context, Memory and Return are fields" is 'e["add"]["fields"]' \
	'{"Context": ["never blocks."], "Memory": ["orders nothing."], "Return": ["the sum, or 0 if it", "has none."]}'
judge "the rest is paragraphs of lines" is 'e["add"]["body"]' \
	'[["It adds \"–\" and nothing else.", "Return is no field without its colon."], ["- A point."], ["The last paragraph."]]'
judge "a section lasts to the next" is '[e[x]["section"] for x in ("add", "adder", "level")]' \
	'["Calls", "Calls", "Types"]'
judge "a prototype is the declaration" is 'e["add"]["declaration"]' '"int add(int a,\n\tint b);"'
judge "of a macro its head is, behind other comments too" is 'e["ADD"]["declaration"]' '"ADD(a, b);"'
judge "a typedef is its own" is 'e["adder"]["declaration"]' '"typedef int (*adder)(int a, int b);"'
judge "a struct is whole, without the word private" is 'e["pair"]["declaration"]' \
	'"struct pair {\n\tint first;\n\tint second;\n};"'
judge "a constant has the comment behind it" is '[e[""]["constants"], e["level"]["constants"]]' \
	'[{"BIT_A": "@first takes it", "BIT_B": "the last has no comma"}, {"LOUD": "aligned"}]'
judge "DOC blocks have titles, and code goes on across blank lines" is 'b' '[
	{"title": "Overview", "body": [["Two lines", "of prose."],
		["\tint main(void)", "\t{", "", "\t\treturn 0;", "\t}"]]},
	{"title": "Threads", "body": [["Any."]]}]'
judge "two headers come one behind the other" [ "$(python3 "$parser" "$tmp/small.h" "$tmp/small.h" |
	grep -c '"name": "add"')" = 2 ]

judge "a parameter that is described twice is refused" \
	refuses '/**
 * f() - does
 * @a: it
 *
 * @a: again
 */' '@a is described twice in the comment "does"'
judge "so is a field" \
	refuses '/**
 * f() - does
 *
 * Return: 0.
 * Return: 1.
 */' 'Return is described twice in the comment "does"'
judge "and a comment that names nothing" refuses '/** does */' 'no "name - summary" begins the comment "does"'
judge "a header that is not there is an error" sh -c '! python3 "$1" "$2" 2>/dev/null' sh \
	"$parser" "$tmp/none.h"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
