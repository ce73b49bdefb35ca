"""Called by report_page_test: gobench, Chromium, and a folder for pictures to look at (optional)."""

import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser  # noqa: E402

gobench, chromium = sys.argv[1:3]
folder = tempfile.TemporaryDirectory()
failures = []

HEADER = "suite,case,impl,vehicle,procs,tasks,rep,iterations,ns_per_op,cpu_ns_per_op,ops_per_s,capacity\n"
HOSTILE = [
    '<script>alert(1)</script>', '</script><script>console.log("in")</script>', "<!--<script>", "\"'`&amp;&lt;",
    "<img src=http://127.0.0.1:9/x onerror=alert(1)>", "\u202eright to left \u05d0\u05d1\u05d2", "ab" * 5000,
]


def expect(what, is_so):
    if not is_so:
        failures.append(what)
        print("FAILED:", what)


def path(name):
    return os.path.join(folder.name, name)


def cell(text):
    return '"' + text.replace('"', '""') + '"'


def write_csv(name, impls, tasks, reps, factor=1.0):
    with open(path(name), "w", encoding="utf-8") as out:
        out.write(HEADER)
        for rep in range(reps):
            for i, impl in enumerate(impls):
                for n in tasks:
                    ns = factor * (10 + i) * n * (1 + 0.01 * ((rep * 7919 + i) % 13))
                    out.write(f"s,c,{cell(impl)},fiber,2,{n},{rep},1000,{ns},{ns},{1e9 / ns},{i}\n")
    return path(name)


def page(*arguments):
    out = path("page.html")
    done = subprocess.run([gobench, "report", *arguments, "--out", out], capture_output=True, text=True)
    if "without uPlot" in done.stderr:
        print(done.stderr.strip())
        sys.exit(77)
    expect(f"report ends with 0: {done.stderr}", done.returncode == 0)
    return out


def quiet(browser, what):
    expect(f"{what}: the console says {browser.complaints}", browser.complaints == [])
    expect(f"{what}: it asks for {browser.requests}", browser.requests == [browser.page])


def press(text):
    return f"[...document.querySelectorAll('button')].find((b) => b.textContent.startsWith({json.dumps(text)})).click()"


def controls():
    base = write_csv("base.csv", ["a.one", "b.two", "c.three"], [1, 2, 8, 64], 12)
    new = write_csv("new.csv", ["a.one", "b.two", "c.three"], [1, 2, 8, 64], 12, 1.5)
    findings = path("findings.json")
    with open(findings, "w", encoding="utf-8") as out:
        json.dump({"findings": [{
            "kind": "data-race", "message": HOSTILE[0], "fingerprint": "f", "accesses": [
                {"op": "write", "size": 4, "task": {"id": 1, "name": "main", "kind": "thread", "born": []},
                 "stack": [{"function": "counter::add", "file": "counter.cpp", "line": 7}], "locks": []}]}]}, out)
    with Browser(chromium, page(base, new, "--findings", findings)) as b:
        quiet(b, "two results")
        expect("there is a plot", b.run("document.querySelectorAll('.plot canvas').length") == 1)
        expect("the verdicts are shown", b.run("document.querySelectorAll('#comparison-0 td .worse').length") == 12)
        expect("the finding is shown", "counter.cpp:7" in b.run("document.querySelector('#findings').textContent"))
        ink = ("(() => { const c = document.querySelector('.plot canvas'); const o = document.createElement('canvas');"
               "o.width = c.width; o.height = c.height; const t = o.getContext('2d', {willReadFrequently: true});"
               "t.drawImage(c, 0, 0); const d = t.getImageData(0, 0, c.width, c.height).data; let n = 0;"
               "for (let i = 0; i < d.length; i += 4) n += d[i + 3] > 200 && Math.max(d[i], d[i + 1], d[i + 2]) -"
               " Math.min(d[i], d[i + 1], d[i + 2]) > 60; return n; })()")
        settled = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        b.run(settled)
        full = b.run(ink)
        expect("the lines have colours", full > 200)
        for i in range(b.run("document.querySelectorAll('.names button').length")):
            b.run(f"document.querySelectorAll('.names button')[{i}].click()")
        b.run(settled)
        expect("hidden lines are not drawn", b.run(ink) == 0)
        b.run("document.querySelectorAll('.names button')[0].click()")
        b.run(settled)
        expect("a line comes back", 0 < b.run(ink) < full)
        expect("its button says so", b.run("document.querySelector('.names button').ariaPressed") == "true")
        for label in ("log x", "log y"):
            b.run(f"[...document.querySelectorAll('label')].find((l) => l.textContent === '{label}').firstChild.click()")
        for label, count in (("x", None), ("y", None)):
            box = f"[...document.querySelectorAll('label')].find((l) => l.textContent.startsWith('{label}') && l.children[0]?.options).children[0]"
            for i in range(b.run(f"{box}.options.length")):
                b.run(f"{box}.selectedIndex = {i}; {box}.dispatchEvent(new Event('change'))")
                expect(f"there is a plot for {label} {i}", b.run("document.querySelectorAll('.plot canvas').length") == 1)
        for button in ("zoom in", "zoom out", "whole plot"):
            b.run(press(button))
        b.run("document.querySelector('.plot').focus()")
        for key in ("ArrowLeft", "ArrowRight", "+", "-", "0"):
            b.key(key)
        column = "[...document.querySelectorAll('#cases tbody tr')].map((r) => parseFloat(r.children[3].textContent.replace(',', '')))"
        head = "document.querySelectorAll('#cases thead button')[3]"
        b.run(f"{head}.click()")
        up = b.run(column)
        b.run(f"{head}.click()")
        expect(f"the table sorts both ways: {up}", len(up) == 24 and b.run(column) == up[::-1] and up[0] < up[-1])
        expect("and says so", b.run(f"{head}.parentNode.ariaSort") == "descending")
        b.run("(() => { const f = document.querySelector('#cases input'); f.value = 'b.two'; f.dispatchEvent(new Event('input')); })()")
        expect("the filter leaves its rows", b.run("document.querySelectorAll('#cases tbody tr').length") == 8)
        b.dark(True)
        dark = b.run("getComputedStyle(document.body).backgroundColor")
        b.dark(False)
        light = b.run("getComputedStyle(document.body).backgroundColor")
        expect(f"light and dark differ: {light} {dark}", light != dark)
        b.run("document.querySelector('#theme').click()")
        expect("the button does the same", b.run("getComputedStyle(document.body).backgroundColor") == dark)
        b.run("dispatchEvent(new Event('beforeprint'))")
        expect("it prints in light colours", b.run("getComputedStyle(document.body).backgroundColor") == light)
        b.run("dispatchEvent(new Event('afterprint'))")
        quiet(b, "after everything was pressed")


def hostile():
    with Browser(chromium, page(write_csv("hostile.csv", HOSTILE, [1, 2], 3))) as b:
        quiet(b, "hostile names")
        text = b.run("document.querySelector('#cases').textContent")
        for name in HOSTILE:
            expect(f"{name[:40]} is text", name in text)
        expect("no element was made of a name", b.run("document.querySelectorAll('img').length") == 0)
        expect("nothing is wider than the page", b.run("document.documentElement.scrollWidth <= innerWidth"))


def many():
    file = write_csv("many.csv", [f"impl{i}" for i in range(10)], [1, 2, 4, 8], 2500)
    with Browser(chromium, page(file)) as b:
        quiet(b, "100 000 samples")
        b.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        seconds = b.run("(performance.getEntriesByType('navigation')[0].loadEventEnd) / 1000")
        rows = b.run("document.querySelector('#samples [role=status]').textContent")
        expect(f"all samples are there: {rows}", "100,000" in rows)
        box = "[...document.querySelectorAll('label')].find((l) => l.textContent.startsWith('x') && l.children[0]?.options).children[0]"
        raw = b.run(f"(async () => {{ const at = performance.now(); const s = {box}; s.selectedIndex = s.options.length - 2;"
                    "s.dispatchEvent(new Event('change'));"
                    "await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));"
                    "return (performance.now() - at) / 1000; })()")
        quiet(b, "100 000 samples, each of them drawn")
        print(f"100 000 samples: loaded and drawn in {seconds:.2f} s, every sample as a point in {raw:.2f} s")


controls()
hostile()
many()
sys.exit(1 if failures else 0)
