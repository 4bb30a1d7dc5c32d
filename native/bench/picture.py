# SPDX-License-Identifier: GPL-2.0-only
"""
The picture: bars for the rows that carry a comparison, curves for W9. SVG by hand:
two kinds of shapes need no library, and none has to be installed to have it.
"""
import html
import math
import statistics

import tables

BARS = {("W1", "item_ns"), ("W1b", "item_ns"), ("W2", "p50_us"), ("W2", "cpu_us"),
        ("W3", "item_ns"), ("W3b", "item_ns"), ("W4", "item_ns"),
        ("W5", "arm_and_cancel_all_ns"), ("W5b", "cancel_ns"), ("W5b", "p50_us"),
        ("W6", "p50_us"), ("W6", "p99_us"), ("W7", "start_us"), ("W7", "rss_mb"),
        ("W8", "create_destroy_us")}
CURVES = ("W9p", "W9q", "W9n")
COLOURS = {tables.OURS: "#cc3333", "dotnet": "#7744cc", "glib": "#3377bb", "libuv": "#22aa66",
           "onetbb": "#dd9900", "libdispatch": "#00aaaa"}
HEADING = "Medians; a shorter bar and a lower curve are better. Red: this library; grey: plain C."
COLUMNS, WIDTH, LINE = 3, 400, 15
PLOT_W, PLOT_H = 300, 200
WRONG = 'fill="#cc3333" font-style="italic"'


def colour(driver):
    return COLOURS.get(driver, "#999999" if driver in tables.FLOORS else "#4488aa")


def short(exponent):
    """A power of ten as people write it."""
    thousands, rest = divmod(exponent, 3)
    return f"{10 ** rest}{'kMG'[thousands - 1]}" if exponent >= 3 else f"{10.0 ** exponent:g}"


def text(x, y, words, more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{html.escape(words)}</text>'


def medians(drivers):
    return {d: statistics.median(drivers[d]) for d in tables.ORDER if d in drivers}


def bars(key, drivers, failed):
    """(height, shapes) of one panel; a bar below zero, of timers that are early, has no length."""
    values = {d: v for d, v in medians(drivers).items() if d not in failed}
    longest = max([1e-9, *values.values()])
    out, y = [text(0, LINE, ", ".join(key), 'font-weight="bold"')], LINE
    for driver, value in values.items():
        y += LINE
        width = max(1, 200 * value / longest)
        out.append(text(8, y, driver))
        out.append(f'<rect x="85" y="{y - 10}" width="{width:.1f}" height="11" fill="{colour(driver)}"/>')
        out.append(text(90 + width, y, tables.number_text(value)))
    for driver, wrong in failed.items():
        y += LINE
        out.append(text(8, y, driver) + text(85, y, wrong, WRONG))
    return y + LINE, out


def ticks(low, high):
    return range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)


def curve_panel(workload, found):
    """(height, shapes): ns per item over the number in the case's name, both logarithmic."""
    curves = {}
    failed = found.failed(workload)
    for (of, case, metric), drivers in found.rows.items():
        if of == workload and metric == "item_ns":
            for driver, value in medians(drivers).items():
                if driver in failed:
                    continue
                curves.setdefault(driver, []).append((int(case.split()[0]), max(value, 1e-3)))
    points = [point for curve in curves.values() for point in curve] or [(1, 1)]
    x_ticks = ticks(min(x for x, _ in points), max(x for x, _ in points))
    y_ticks = ticks(min(y for _, y in points), max(y for _, y in points))

    def place(x, y):
        return (60 + PLOT_W * (math.log10(x) - x_ticks[0]) / max(1, x_ticks[-1] - x_ticks[0]),
                30 + PLOT_H * (1 - (math.log10(y) - y_ticks[0]) / max(1, y_ticks[-1] - y_ticks[0])))

    out = [text(0, LINE, tables.TITLES[workload].split(",")[0] + ", ns per item", 'font-weight="bold"')]
    for exponent in y_ticks:
        _, y = place(10 ** x_ticks[0], 10 ** exponent)
        out.append(f'<path d="M60 {y:.1f}h{PLOT_W}" stroke="#dddddd"/>')
        out.append(text(54, y + 4, short(exponent), 'text-anchor="end"'))
    for exponent in x_ticks:
        x, _ = place(10 ** exponent, 10 ** y_ticks[0])
        out.append(text(x, 30 + PLOT_H + LINE, short(exponent), 'text-anchor="middle"'))
    for number, (driver, curve) in enumerate(curves.items()):
        spots = " ".join("%.1f,%.1f" % place(x, y) for x, y in sorted(curve))
        dashes = f'stroke-dasharray="{2 + 2 * tables.FLOORS.index(driver)} 3"' if driver in tables.FLOORS else ""
        style = (f'fill="none" stroke="{colour(driver)}" '
                 f'stroke-width="{3 if driver == tables.OURS else 1.5}" {dashes}')
        out.append(f'<polyline points="{spots}" {style}/>')
        x, y = 60 + number % 3 * 105, 30 + PLOT_H + LINE * (2.5 + number // 3)
        out.append(f'<path d="M{x} {y - 4}h18" {style}/>' + text(x + 22, y, driver))
    bottom = 30 + PLOT_H + LINE * (4 + (len(curves) - 1) // 3)
    for driver, wrong in failed.items():
        out.append(text(60, bottom, f"{driver} {wrong}", WRONG))
        bottom += LINE
    return bottom, out


def panels_of(workload, found):
    if workload in CURVES:
        return [curve_panel(workload, found)] if found.has(workload) else []
    keys = [key for key in found.rows if key[0] == workload and (workload, key[2]) in BARS]
    if not keys and found.failed(workload) and any(w == workload for w, _ in BARS):
        keys = [(workload, "nothing measured")]
    return [bars(key, found.rows.get(key, {}), found.failed(workload)) for key in keys]


def svg(found):
    """Panels fill the column that is the shortest so far; the curves come last."""
    order = [w for w in tables.TITLES if w not in CURVES] + list(CURVES)
    panels = [panel for workload in order for panel in panels_of(workload, found)]
    bottoms, out = [30] * COLUMNS, [text(15, 20, HEADING)]
    for height, shapes in panels:
        column = bottoms.index(min(bottoms))
        out.append(f'<g transform="translate({15 + column * WIDTH} {bottoms[column]})">'
                   + "\n".join(shapes) + "</g>")
        bottoms[column] += height + 8
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{COLUMNS * WIDTH + 20}" '
            f'height="{max(bottoms) + 10}" font-family="sans-serif" font-size="12">'
            '<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(out) + "\n</svg>\n")
