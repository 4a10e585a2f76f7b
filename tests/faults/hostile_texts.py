"""Bad YAML, made by code: deep, multiplying, tagged, of other shapes, of no text at all."""

import datetime

GOOD_RECIPE = """recipe: 1
name: tiny
title: Tiny
objects: {names: [cube, sphere, mug]}
subsets: [{name: two, layout: simco_two}]
"""

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)
"""A billion values in nine lines."""

NO_YAML: dict[str, bytes] = {
    "an open list": b"a: [1",
    "an open text": b'a: "x',
    "an open mapping": b"a: {b: 1",
    "a tab for a blank": b"a:\n\t- 1",
    "a colon too many": b"a: b: c",
    "a key of its own kind": b"? [1, 2]\n: 3",
    "a list": b"- 1\n- 2",
    "a number": b"7",
    "nothing": b"",
    "comments alone": b"# nothing\n",
    "zeros": bytes(50),
    "no UTF-8": b"name: \xff\xfe",
    "UTF-16": "name: x".encode("utf-16"),
    "a picture": b"\xff\xd8\xff\xe0" + bytes(100),
    "a web page": b"<!doctype html>\n<title>404</title>",
    "control characters": b"name: \x07\x1b[2J",
    "two documents": b"a: 1\n---\nb: 2",
    "deep lists": b"a: " + b"[" * 5000,
    "deep mappings": b"a: " + b"{a: " * 5000,
    "deep dashes": b"- " * 2000 + b"x",
    "aliases that multiply": BOMB.encode(),
    "an alias of itself": b"a: &a [*a]",
    "an alias of nothing": b"a: *b",
    "a merge": b"a: &a {x: 1}\nb:\n  <<: *a",
    "a tag that runs code": b"a: !!python/object/apply:os.system [ls]",
    "a tag that makes an object": b"a: !!python/object:subprocess.Popen {}",
    "a tag of binary": b"a: !!binary aGVsbG8=",
    "a date that is none": b"a: 2020-13-45",
    "a number beyond limits": b"a: " + b"9" * 5000,
    "an endless key": b"a" * 5000 + b": 1",
    "a directive": b"%YAML 9.9\n---\na: 1",
}
"""Name to bytes that no recipe, table or list of classes may be."""

WRONG_VALUES: dict[str, str] = {
    "another version": "recipe=99",
    "a name that is a path": "name=../../etc",
    "a name of nothing": 'name=""',
    "a title of a megabyte": f"title={'x' * 1_000_000}",
    "an unknown key": "sede=1",
    "a seed below zero": "seed=-1",
    "a seed beyond 64 bits": f"seed={2**70}",
    "a seed that is no number": "seed=many",
    "pictures of no size": "image.size=0",
    "pictures of a billion pixels": "image.size=40000",
    "no objects": "objects.names=[]",
    "objects that are no list": "objects.names=cube",
    "an object twice": "objects.names=[cube, cube]",
    "an object that nobody has": "objects.names=[cube, florb]",
    "objects that are numbers": "objects.names=[1, 2]",
    "an object that is a path": "objects.names=[../../etc/passwd]",
    "a look of its own": "objects.look=shiny",
    "no subsets": "subsets=[]",
    "a subset twice": "subsets=[{name: a, layout: one}, {name: a, layout: one}]",
    "a subset with a path for a name": "subsets=[{name: ../a, layout: one}]",
    "a layout that nobody has": "subsets.0.layout=simco_five",
    "a count of infinity": "subsets.0.layout={count: .inf}",
    "a date": f"title={datetime.date(2020, 1, 1)}",
    "a kind that nobody has": "kind=potato",
    "a kind that is a list": "kind=[scenes]",
    "a limit of nothing": "limit=0",
}
"""Name to a setting that no recipe may have."""

FRONTS: dict[str, str] = {
    "no fences": "license: mit\n",
    "one fence": "---\nlicense: mit\n",
    "a list": "---\n- 1\n---\n",
    "an open list": "---\nconfigs: [\n---\n",
    "deep lists": f"---\na: {'[' * 3000}{']' * 3000}\n---\n",
    "aliases that multiply": f"---\n{BOMB}---\n",
    "a tag that runs code": "---\na: !!python/object/apply:os.system [ls]\n---\n",
    "a script of its own": "---\nbuilder_script: evil.py\n---\n",
    "code of its own": "---\nauto_map: {AutoModel: evil.Model}\n---\n",
    "a script in HTML": "---\npretty_name: <script>alert(1)</script>\n---\n",
    "data at an address": "---\nconfigs: [{config_name: a, data_files: 'http://x/y.tar'}]\n---\n",
    "data above": "---\nconfigs: [{config_name: a, data_files: '../../etc/passwd'}]\n---\n",
    "data at the root": "---\nconfigs: [{config_name: a, data_dir: /etc}]\n---\n",
    "data in a chain": "---\nconfigs: [{config_name: a, data_files: 'zip::http://x'}]\n---\n",
    "patterns without end": f"---\nconfigs: [{{config_name: a, data_files: {'*a' * 20}}}]\n---\n",
    "a front of a megabyte": f"---\npretty_name: {'x' * 1_000_000}\n---\n",
}
"""Name to a card whose front matter is refused."""
