"""Small SVG plots of a run's figures, without a library."""
import html

WIDE, HIGH, LEFT, BOTTOM, TOP = 640, 260, 52, 34, 28
COLOURS = ["#2b6cb0", "#2f855a", "#c05621", "#6b46c1", "#b83280"]


def frame(labels, top, title, names, body):
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-family="sans-serif" font-size="10">',
             f'<rect width="{WIDE}" height="{HIGH}" fill="white"/><text x="{LEFT}" y="16" font-size="12">{html.escape(title)}</text>']
    for k in range(5):
        y = HIGH - BOTTOM - (HIGH - BOTTOM - TOP) * k / 4
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDE - 8}" stroke="#ddd"/><text x="{LEFT - 4}" y="{y + 3:.1f}" text-anchor="end">{top * k / 4:.4g}</text>')
    every = max(1, len(labels) // 12)
    for n, label in enumerate(labels):
        if n % every == 0:
            parts.append(f'<text x="{across(n, len(labels)):.1f}" y="{HIGH - BOTTOM + 14}" text-anchor="middle">{html.escape(label)}</text>')
    for n, name in enumerate(names):
        parts.append(f'<rect x="{LEFT + 130 * n}" y="{HIGH - 11}" width="8" height="8" fill="{COLOURS[n % 5]}"/>'
                     f'<text x="{LEFT + 130 * n + 12}" y="{HIGH - 4}">{html.escape(name)}</text>')
    return "\n".join(parts + body) + "\n</svg>\n"


def across(n, count):
    return LEFT + (WIDE - 8 - LEFT) * (n + 0.5) / count


def up(value, top):
    return (HIGH - BOTTOM - TOP) * value / top if top else 0


def stacked(labels, series, title):
    top = max(map(sum, zip(*series.values()))) * 1.05 or 1
    body, width = [], (WIDE - LEFT) / len(labels) * 0.7
    for n in range(len(labels)):
        base = HIGH - BOTTOM
        for k, values in enumerate(series.values()):
            base -= up(values[n], top)
            body.append(f'<rect x="{across(n, len(labels)) - width / 2:.1f}" y="{base:.1f}" width="{width:.1f}" '
                        f'height="{up(values[n], top):.1f}" fill="{COLOURS[k % 5]}"/>')
    return frame(labels, top, title, list(series), body)


def curves(labels, series, title):
    top = max(max(v) for v in series.values()) * 1.05 or 1
    body = []
    for k, values in enumerate(series.values()):
        points = " ".join(f"{across(n, len(labels)):.1f},{HIGH - BOTTOM - up(v, top):.1f}" for n, v in enumerate(values))
        body.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[k % 5]}" stroke-width="1.6"/>')
    return frame(labels, top, title, list(series), body)
