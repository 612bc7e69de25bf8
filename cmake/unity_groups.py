"""unity_groups.py ROOT SOURCE...: which sources can be compiled as one text: a line "group path" each.

Sources of one folder go together where they can, at most kMost, never two that give a name of their own, outside functions, to
different things, and never one whose own name a header gives that only the others include. A source that Highway
includes again for every instruction set stays alone.
"""

import functools
import os
import re
import sys

kMost = 8
kNames = (
    re.compile(r"^(?:struct|class|enum class|enum|union|#define) (\w+)", re.M),
    re.compile(r"^using (\w+) =", re.M),
    # A function or a value: the project's layout puts what is outside functions at the beginning of a line.
    re.compile(r"^(?!namespace )(?:\[\[nodiscard\]\] )?[A-Za-z][\w:<>,&* ]*[ *&](\w+)(?:\(| =|{| {|\[)", re.M),
)
kSignature = re.compile(r"\([\w:&*, ]*\)>")  # std::function<void(int)>
kInclude = re.compile(r'^#include "([^"]+)"', re.M)

root = sys.argv[1]


@functools.cache
def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@functools.cache
def names_of(path):
    text = kSignature.sub(">", text_of(path))
    return frozenset(name for pattern in kNames for name in pattern.findall(text))


@functools.cache
def includes_of(path):
    found = set()
    for name in kInclude.findall(text_of(path)):
        for folder in (root, os.path.dirname(path)):
            header = os.path.normpath(os.path.join(folder, name))
            if os.path.exists(header):
                found.add(header)
                break
    return frozenset(found)


@functools.cache
def seen_by(path):
    """Every header of ours that a source sees."""
    seen, waiting = set(), [path]
    while waiting:
        for header in includes_of(waiting.pop()):
            if header not in seen:
                seen.add(header)
                waiting.append(header)
    return frozenset(seen)


@functools.cache
def given_by(headers):
    return frozenset().union(*(names_of(header) for header in headers))


@functools.cache
def apart(one, other):
    return not (
        names_of(one) & names_of(other)
        or names_of(one) & given_by(seen_by(other) - seen_by(one))
        or names_of(other) & given_by(seen_by(one) - seen_by(other))
    )


def together(some, others):
    return len(some) + len(others) <= kMost and all(apart(one, other) for one in some for other in others)


groups = []
for source in sorted(sys.argv[2:]):
    if "foreach_target" in text_of(source):
        continue
    folder = os.path.dirname(source)
    fitting = (g for g in groups if os.path.dirname(g[0]) == folder and together([source], g))
    group = next(fitting, None)
    if group is None:
        groups.append([source])
    else:
        group.append(source)
# What a folder leaves over goes to others that are small.
joined = []
for group in sorted(groups, key=len, reverse=True):
    host = next((g for g in joined if len(group) <= kMost // 2 and together(g, group)), None)
    if host is None:
        joined.append(group)
    else:
        host += group
for number, group in enumerate(joined):
    for source in group:
        print(number, source)
