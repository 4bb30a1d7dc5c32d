#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes the list of what libworkqueue is made of, as SPDX 2.3.

usage: sbom.py SOURCES LIBRARY_DIRECTORY VERSION OUTPUT

The list comes from the build itself: libworkqueue.parts has what was linked, and the base
library that it was compiled against, whose directory names its package and version.
"""
import email.utils
import hashlib
import json
import os
import re
import sys

UPSTREAM = "https://github.com/dotnet/runtime"


def package(name, version, licence, supplier, comment, location="NOASSERTION"):
    return {
        "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.]", "-", name),
        "name": name,
        "versionInfo": version,
        "supplier": supplier,
        "downloadLocation": location,
        "filesAnalyzed": False,
        "licenseConcluded": licence,
        "licenseDeclared": licence,
        "copyrightText": "NOASSERTION",
        "comment": comment,
    }


def parts_of(linked, sources):
    """The packages that are linked in, in the order of a reader's interest."""
    base = next((path for path in linked if path.endswith("/System.Private.CoreLib.dll")), "")
    found = re.search(r"/([^/]+)/([^/]+)/runtimes/", base)
    if not found:
        sys.exit("sbom.py: where does the base library come from? %s" % linked)
    parts = [package(found[1], found[2], "MIT", "Organization: .NET Foundation and Contributors",
                     "What the compiler takes of System.Private.CoreLib into the engine's functions.", UPSTREAM)]
    with open(os.path.join(sources, "Directory.Packages.props"), encoding="utf-8") as file:
        libc = re.search(r'"Tmds.LibC" Version="([^"]+)"', file.read())[1]
    parts.append(package("Tmds.LibC", libc, "MIT", "Person: Tom Deseyn",
                         "Constants and structs of the C library, compiled in.",
                         "https://github.com/tmds/Tmds.LibC"))
    return parts


def release_date(sources):
    """The changelog's, so that two builds of one version give one file."""
    with open(os.path.join(sources, "native/packaging/changelog"), encoding="utf-8") as file:
        text = re.search(r"^ -- .*>  (.*)$", file.read(), re.M)[1]
    return email.utils.parsedate_to_datetime(text).strftime("%Y-%m-%dT%H:%M:%SZ")


def main():
    sources, library, version, output = sys.argv[1:5]
    with open(os.path.join(library, "libworkqueue.parts"), encoding="utf-8") as file:
        parts = parts_of(file.read().splitlines(), sources)
    own = package("libworkqueue", version, "GPL-2.0-only", "Organization: The workqueue authors",
                  "One shared library and one archive, in which the others are linked in.")
    with open(os.path.join(library, "libworkqueue.so"), "rb") as file:
        own["checksums"] = [{"algorithm": "SHA256", "checksumValue": hashlib.sha256(file.read()).hexdigest()}]
        own["packageFileName"] = "libworkqueue.so." + version
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", own["SPDXID"])]
    relations += [(own["SPDXID"], "STATIC_LINK", part["SPDXID"]) for part in parts]
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "libworkqueue-" + version,
        "documentNamespace": "https://spdx.org/spdxdocs/libworkqueue-%s-%s"
        % (version, own["checksums"][0]["checksumValue"][:16]),
        "creationInfo": {"created": release_date(sources), "creators": ["Tool: sbom.py"]},
        "packages": [own] + parts,
        "relationships": [
            {"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b} for a, kind, b in relations
        ],
    }
    with open(output, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
