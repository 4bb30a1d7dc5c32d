#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Reads the kernel-doc comments of C headers.

usage: kernel_doc.py HEADER...

Prints them as JSON, for programs in other languages; in Python, parse() has the same.
Text that goes on is a list of its lines; prose is a list of paragraphs, each of these
a list of lines, with the tab before them where they are code.
"""
import dataclasses
import json
import re
import sys

HEAD = re.compile(r"(?:(struct|typedef|enum)\b ?)?(\w*)(?:\(\))? - (.*)")
FIELD = re.compile(r"(@\w+|Context|Memory|Return):\s*(.*)")
CONSTANT = re.compile(r"^\s*(\w+)(?: = [^,/\n]+)?,? */\*+ *(.*?) *\*/", re.M)


@dataclasses.dataclass
class Entry:
    """What one comment says about the declaration behind it."""

    kind: str  # function, also for a macro; struct, typedef, enum
    name: str  # empty for an enum that has none
    summary: str
    section: str  # the last "---- Title ----" before it
    declaration: str
    params: dict  # of a function, or the members of a struct: name -> lines
    fields: dict  # Context, Memory, Return -> lines
    body: list  # paragraphs
    constants: dict  # of an enum: name -> the comment behind it


@dataclasses.dataclass
class Block:
    """A DOC block, which belongs to no declaration."""

    title: str
    body: list  # paragraphs


def strip_stars(comment):
    """The lines of a comment, without what makes them a comment."""
    text = comment[3:-2].strip(" \n")
    return [re.sub(r"^ ?\* ?", "", line, count=1).rstrip() for line in text.split("\n")]


def paragraphs(lines):
    """The lines between blank ones; code, indented by a tab, goes on across them."""
    found = []
    for text in filter(None, re.split(r"\n\n+", "\n".join(lines).strip("\n"))):
        if found and found[-1][0][0] == text[0] == "\t":
            found[-1] += ["", *text.split("\n")]
        else:
            found.append(text.split("\n"))
    return found


def parse_lines(lines, summary):
    """(params, fields, body): what goes on from a field is indented."""
    params, fields, body = {}, {}, []
    field = None  # the one that the line belongs to
    for line in lines:
        begun = FIELD.match(line)
        if begun:
            within, name = (params, begun[1][1:]) if begun[1][0] == "@" else (fields, begun[1])
            if name in within:  # a line of prose may begin so
                raise ValueError(f'{begun[1]} is described twice in the comment "{summary}"')
            field = within[name] = [begun[2]]
        elif field is not None and line[:1].isspace():
            field.append(line.strip())
        else:
            body.append(line)
            field = None
    return params, fields, paragraphs(body)


def declaration(kind, text):
    """What follows the comment: a prototype, a macro's head, a type."""
    text = re.sub(r"\A(\s*/\*.*?\*/)+", "", text, flags=re.S).lstrip()
    macro = re.match(r"#define (\w+(\([^)]*\))?)", text)
    if macro:
        return macro[1] + (";" if macro[2] else "")
    if kind in ("struct", "enum") and "{" in text.split(";")[0]:
        return re.sub(r"\n\s*/\* (private|public):.*?\*/", "", text[: text.index("};") + 2])
    return text[: text.index(";") + 1]


def parse_entry(comment, section, behind):
    lines = strip_stars(comment)
    head = HEAD.match(lines[0])
    if not head:
        raise ValueError(f'no "name - summary" begins the comment "{lines[0]}"')
    kind, name, summary = head[1] or "function", head[2], head[3]
    params, fields, body = parse_lines(lines[1:], summary)
    declared = declaration(kind, behind)
    constants = dict(CONSTANT.findall(declared)) if kind == "enum" else {}
    return Entry(kind, name, summary, section, declared, params, fields, body, constants)


def parse_blocks(comment):
    parts = re.split(r"^DOC: (.*)$", "\n".join(strip_stars(comment)), flags=re.M)
    return [Block(title, paragraphs(text.split("\n"))) for title, text in zip(parts[1::2], parts[2::2])]


def parse(text):
    """(blocks, entries) in the header's order."""
    blocks, entries, section = [], [], ""
    for found in re.finditer(r"/\* -{2,} (.*?) -{2,} \*/|/\*\*.*?\*/", text, re.S):
        if found[1]:
            section = found[1].split(":")[0]
        elif "DOC: " in found[0]:
            blocks += parse_blocks(found[0])
        else:
            entries.append(parse_entry(found[0], section, text[found.end():]))
    return blocks, entries


def read(header):
    with open(header, encoding="utf-8") as file:
        return parse(file.read())


def main():
    blocks, entries = [], []
    for header in sys.argv[1:]:
        more = read(header)
        blocks += more[0]
        entries += more[1]
    json.dump({"blocks": [dataclasses.asdict(b) for b in blocks],
               "entries": [dataclasses.asdict(e) for e in entries]}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"kernel_doc.py: {error}")
