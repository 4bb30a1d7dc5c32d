#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes the manual pages from the comments of workqueue.h.

usage: make_pages.py HEADER OVERVIEW VERSION DIRECTORY [--gzip]

Section 3: one page for each comment that says more than that a name is another's
twin; the twins that follow it are on its page and lead there. Section 7: the
header's DOC blocks, within the frame of OVERVIEW; variables lead there.
"""
import gzip
import os
import re
import sys

sys.dont_write_bytecode = True  # nothing appears among the sources
import kernel_doc

# ---- Pages -------------------------------------------------------------------------------


def pages_of(entries):
    """Groups: an entry, and the twins that name it, or say "the same" behind it."""
    groups = []
    for entry in entries:
        near = [g for g in groups if g[0].section == entry.section and g[0].kind == "function"]
        named = [g for g in near if g[0].name + "()" in entry.summary]
        if not named and "the same" in entry.summary:
            named = near[-1:]
        is_twin = entry.kind == "function" and not (entry.params or entry.fields or entry.body)
        if is_twin and named:
            named[0].append(entry)
        else:
            groups.append([entry])
    return groups


# ---- Writing roff ----------------------------------------------------------------------


class Roff:
    def __init__(self, pages):
        self.pages = pages  # name -> name of its page
        self.lines = []

    def escape(self, text):
        text = text.replace("\\", "\\e").replace("-", "\\-")
        return "\\&" + text if text[:1] in ("'", ".") else text

    def inline(self, text):
        """Marks @names and functions; a page of ours is named with its section."""
        text = self.escape(text.strip())
        text = re.sub(r"&?@([\w]+(?:(?:\\->|\.)\w+)*)", r"\\fI\1\\fP", text)

        def function(match):
            number = "(3)" if match[1] in self.pages else "()"
            return "\\fB" + match[1] + "\\fP" + number

        return re.sub(r"(?<![\w\\])(\w+)\(\)", function, text)

    def out(self, *lines):
        self.lines += lines

    def verbatim(self, lines):
        cut = min((len(l) - len(l.lstrip("\t")) for l in lines if l), default=0)
        self.out(".PP", ".in +4n", ".nf")
        self.out(*[self.escape(l[cut:].expandtabs(8)) for l in lines])
        self.out(".fi", ".in")

    def prose(self, paragraphs):
        """What is indented by a tab stands as it is; "- " begins a point, "1. " a step."""
        for rows in paragraphs:
            if rows[0].startswith("\t"):
                self.verbatim(rows)
                continue
            self.out(".PP")
            for row in rows:
                if row.startswith("- "):
                    self.out(".IP \\(bu 2")
                    row = row[2:]
                elif re.match(r"\d\. ", row):
                    self.out(".IP %s 3" % row[:2])
                    row = row[3:]
                self.out(self.inline(row))

    def heading(self, name, version, section, names, summary):
        title = "%s %s" % (name.upper(), section)
        self.out('.\\" Made from workqueue.h by make_pages.py.')
        self.out('.TH %s "" "workqueue %s" "Linux workqueue for user space"' % (title, version))
        self.out(".SH NAME", ", ".join(names) + " \\- " + self.escape(summary))


def sentence(text):
    return text if text[-1] in ".?" else text + "."


def write_page(roff, group, neighbours, version):
    first = group[0]
    roff.heading(first.name, version, 3, [e.name for e in group], first.summary)
    roff.out(".SH SYNOPSIS", ".nf", ".B #include <workqueue.h>", ".PP")
    for entry in group:
        for line in entry.declaration.split("\n"):
            roff.out("\\fB" + roff.escape(line.expandtabs(8)) + "\\fP" if line.strip() else ".PP")
        roff.out(".PP")
    roff.out(".fi", ".SH DESCRIPTION")
    if len(group) > 1 or not first.body:  # else NAME has said it, and the prose goes on
        roff.out("\\fB" + first.name + "\\fP" + ("()" if first.kind == "function" else "") + ":",
                 sentence(roff.inline(first.summary)))
    if first.body:
        roff.prose(first.body)
    for twin in group[1:]:
        roff.out(".PP", "\\fB" + twin.name + "\\fP():", sentence(roff.inline(twin.summary)))
    if first.params:
        roff.out(".SH MEMBERS" if first.kind == "struct" else ".SH PARAMETERS")
        for name, text in first.params.items():
            roff.out(".TP", ".I " + name)
            roff.out(*[roff.inline(t) for t in text if t])
    for field, title in (("Return", "RETURN VALUE"), ("Context", "CONTEXT"), ("Memory", "MEMORY ORDER")):
        if field in first.fields:
            roff.out(".SH " + title, *[roff.inline(t) for t in first.fields[field] if t])
    roff.out(".SH SEE ALSO")
    others = sorted(n for n in neighbours if n != first.name)
    roff.out(*[".BR %s (3)," % n for n in others], ".BR workqueue (7)")


def write_overview(roff, blocks, groups, frame, version):
    roff.heading("workqueue", version, 7, ["workqueue"], "the Linux kernel's workqueue for user space")
    before, after = frame.split("@BODY@\n")
    roff.out(*before.rstrip("\n").split("\n"))
    for block in blocks:
        roff.out(".SH " + ("DESCRIPTION" if block.title == "Overview" else block.title.upper()))
        roff.prose(block.body)
    roff.out(".SH FUNCTIONS")
    section = None
    for group in groups:
        if group[0].section != section:
            section = group[0].section
            roff.out(".SS " + section)
        for entry in group:
            roff.out(".TP", ".BR %s (3)" % entry.name, roff.inline(entry.summary))
    roff.out(*after.rstrip("\n").split("\n"))


# ---- Files --------------------------------------------------------------------------------


def save(directory, section, name, lines, compress):
    folder = os.path.join(directory, "man%d" % section)
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "%s.%d" % (name, section))
    data = ("\n".join(lines) + "\n").encode()
    if compress:
        path, data = path + ".gz", gzip.compress(data, 9, mtime=0)
    with open(path, "wb") as file:
        file.write(data)


def variables_of(header):
    """The queues that every program has; a DOC block is about them."""
    with open(header, encoding="utf-8") as file:
        return re.findall(r"^extern struct workqueue_struct \*(\w+);", file.read(), re.M)


def main():
    header, overview, version, directory = sys.argv[1:5]
    compress = "--gzip" in sys.argv[5:]
    blocks, entries = kernel_doc.read(header)
    groups = pages_of([e for e in entries if e.name])
    pages = {entry.name: group[0].name for group in groups for entry in group}
    for group in groups:
        roff = Roff(pages)
        neighbours = [g[0].name for g in groups if g[0].section == group[0].section]
        write_page(roff, group, neighbours, version)
        save(directory, 3, group[0].name, roff.lines, compress)
        for twin in group[1:]:
            save(directory, 3, twin.name, [".so man3/%s.3" % group[0].name], compress)
    roff = Roff(pages)
    with open(overview, encoding="utf-8") as file:
        write_overview(roff, blocks, groups, file.read(), version)
    save(directory, 7, "workqueue", roff.lines, compress)
    for variable in variables_of(header):
        save(directory, 3, variable, [".so man7/workqueue.7"], compress)


if __name__ == "__main__":
    main()
