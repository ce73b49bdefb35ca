"""Draws a picture with matplotlib; a picture is what gobench plot and scripts/plot.py make of results."""

# Okabe and Ito, Color Universal Design (2008), without the yellow, which nobody sees on white.
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#000000"]
DASHES = ["-", "--", ":", "-."]
MARKS = ["o", "s", "^", "D", "v", "P", "X"]


def save(picture, file):
    """Writes the picture; the name of the file ends in .svg or .png."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.colors import LogNorm
    from matplotlib.ticker import FuncFormatter, NullFormatter

    # Names are text: a dollar sign begins no formula.
    plt.rcParams.update({"font.size": 11, "axes.spines.top": False, "axes.spines.right": False,
                         "text.parse_math": False, "svg.fonttype": "path"})
    lines = picture["lines"]
    rows = (len(lines) + 1) // 2 if len(lines) > 1 and picture["kind"] != "heat" else 0
    figure, axes = plt.subplots(figsize=(8, 4.8 + 0.22 * rows), layout="constrained")
    kind = picture["kind"]
    plain = FuncFormatter(lambda value, _: f"{value:,.10g}")
    if kind == "heat":
        ticks, names = picture["ticks"], picture["rows"]
        cells = [[float("nan")] * len(ticks) for _ in names]
        for row, line in enumerate(lines):
            for x, y, _, _ in line["points"]:
                cells[row][int(x)] = y
        image = axes.imshow(cells, origin="lower", aspect="auto", cmap="cividis",
                            norm=LogNorm() if picture["log_y"] else None)
        figure.colorbar(image, label=picture["y_label"], format=plain)
        for row, line in enumerate(lines):
            for x, y, _, _ in line["points"]:
                dark = image.norm(y) < 0.5
                axes.text(x, row, f"{y:,.3g}" if y < 1000 else f"{y:,.0f}", ha="center", va="center",
                          color="white" if dark else "black")
        axes.set_xticks(range(len(ticks)), ticks)
        axes.set_yticks(range(len(names)), names)
        axes.set_ylabel("tasks")
    else:
        for i, line in enumerate(lines):
            colour = COLOURS[i % len(COLOURS)]
            xs, ys, lows, highs = (list(column) for column in zip(*line["points"]))
            away = [[y - low for y, low in zip(ys, lows)], [high - y for y, high in zip(ys, highs)]]
            if kind == "bars":
                across = [x + 0.8 * ((i + 0.5) / len(lines) - 0.5) for x in xs]
                axes.bar(across, ys, 0.7 / len(lines), color=colour, alpha=0.8, label=line["name"])
                axes.errorbar(across, ys, away, fmt="none", ecolor="#333333", elinewidth=1.5, capsize=3)
                continue
            axes.plot(xs, ys, color=colour, linestyle=DASHES[i // len(COLOURS) % len(DASHES)],
                      marker=MARKS[i % len(MARKS)], markersize=5, label=line["name"])
            if len(lines) <= 4:
                axes.fill_between(xs, lows, highs, color=colour, alpha=0.2, linewidth=0)
            else:  # bands hide each other where they are many
                axes.errorbar(xs, ys, away, fmt="none", ecolor=colour, elinewidth=1, capsize=2)
        if picture["log_x"]:
            axes.set_xscale("log")
        if picture["log_y"]:
            axes.set_yscale("log")
        else:
            axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(plain)
        if picture["ticks"]:
            axes.set_xticks(range(len(picture["ticks"])), picture["ticks"],
                            rotation=30 if len(picture["ticks"]) > 5 else 0,
                            ha="right" if len(picture["ticks"]) > 5 else "center")
        else:
            values = sorted({point[0] for line in lines for point in line["points"]})
            if len(values) <= (12 if picture["log_x"] else 5):
                axes.set_xticks(values)
                axes.xaxis.set_minor_formatter(NullFormatter())
            axes.xaxis.set_major_formatter(plain)
        axes.set_ylabel(picture["y_label"])
        axes.grid(color="#cccccc", linewidth=0.7)
        axes.set_axisbelow(True)
        if len(lines) > 1:
            axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14 if len(picture["ticks"]) <= 5 else -0.45),
                        ncols=2, frameon=False, fontsize=9)
    axes.set_xlabel(picture["x_label"])
    figure.suptitle(picture["title"], fontsize=13)
    axes.set_title(picture["subtitle"], fontsize=9, color="#444444")
    figure.savefig(file, dpi=200 if file.endswith(".png") else 100)
