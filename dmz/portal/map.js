// The city's own outlines as a picture, without tiles: GeoJSON to SVG, north up.
import { named } from "/hub.js";

const make = (name, attributes = {}, ...children) => {
	const element = document.createElementNS("http://www.w3.org/2000/svg", name);
	for (const [key, value] of Object.entries(attributes))
		if (value !== null && value !== undefined)
			element.setAttribute(key, value);
	element.append(...children);
	return element;
};

const rings = shape => (shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates).flat();

// Longitudes are narrower the further north; within a city a flat picture is right to a metre's width of a line.
function projection(all, pad = 8) {
	const [west, east] = [Math.min(...all.map(p => p[0])), Math.max(...all.map(p => p[0]))];
	const [south, north] = [Math.min(...all.map(p => p[1])), Math.max(...all.map(p => p[1]))];
	const narrow = Math.cos((south + north) / 2 * Math.PI / 180), width = 640;
	const scale = (width - 2 * pad) / Math.max((east - west) * narrow, 1e-9);
	return { width, height: (north - south) * scale + 2 * pad,
		put: ([lon, lat]) => [(lon - west) * narrow * scale + pad, (north - lat) * scale + pad] };
}

const path = (shape, to) => rings(shape).map(ring => "M" + ring.map(at => to.put(at).map(v => v.toFixed(1)).join(" ")).join("L") + "Z").join("");

// Middle of the largest ring's box: where its name stands.
function middle(shape, to) {
	const boxes = rings(shape).map(ring => {
		const xs = ring.map(at => to.put(at)[0]), ys = ring.map(at => to.put(at)[1]);
		const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
		return { box, size: (box[2] - box[0]) * (box[3] - box[1]) };
	});
	const { box } = boxes.reduce((a, b) => (b.size > a.size ? b : a));
	return [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
}

// areas: features with an outline; look(code) → { level: 0…4, or null: withheld; text, href }.
export function map(areas, frame, look, label) {
	const drawn = areas.filter(area => area.geometry);
	if (!drawn.length)
		return null;
	const to = projection([...drawn, ...(frame?.geometry ? [frame] : [])].flatMap(area => rings(area.geometry).flat()));
	return make("svg", { viewBox: `0 0 ${to.width} ${to.height.toFixed(0)}`, class: "map", role: "group", "aria-label": label },
		make("defs", {}, make("pattern", { id: "withheld", width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
			make("rect", { width: 8, height: 8, class: "paper" }), make("rect", { width: 2, height: 8, class: "hatch" }))),
		...(frame?.geometry ? [make("path", { d: path(frame.geometry, to), class: "frame" })] : []),
		...drawn.map(area => {
			const seen = look(area.properties.code), [x, y] = middle(area.geometry, to);
			const name = named(area.properties);
			const text = (line, dy, kind) => make("text", { x: x.toFixed(1), y: y.toFixed(1), dy, "text-anchor": "middle", class: kind }, line);
			return make("a", { href: seen.href, "aria-label": `${name}: ${seen.text}`, "data-area": area.properties.code },
				make("path", { d: path(area.geometry, to), class: seen.level === null ? "area withheld" : `area level${seen.level}` }),
				text(name, "-0.15em", "name"), text(seen.text, "1.2em", "value"));
		}));
}

// Dots over the city's outlines. places: [{ at: [lon, lat], key, href, text, sign, kind }]; the sign says what the colour does.
export function dots(areas, places, label, chosen) {
	const drawn = areas.filter(area => area.geometry);
	if (!places.length)
		return null;
	const to = projection([...drawn.flatMap(area => rings(area.geometry).flat()), ...places.map(one => one.at)], 24);
	return make("svg", { viewBox: `0 0 ${to.width} ${Math.max(to.height, 160).toFixed(0)}`, class: "map", role: "group", "aria-label": label },
		...drawn.map(area => make("path", { d: path(area.geometry, to), class: "ground", "aria-hidden": "true" })),
		...drawn.map(area => {
			const [x, y] = middle(area.geometry, to);
			return make("text", { x: x.toFixed(1), y: y.toFixed(1), "text-anchor": "middle", class: "faint" }, named(area.properties));
		}),
		...places.map(one => {
			const [x, y] = to.put(one.at).map(v => v.toFixed(1));
			return make("a", { href: one.href, "aria-label": one.text, "data-key": `dot ${one.key}`, class: `dot-${one.kind}`,
				"aria-current": one.key === chosen ? "true" : null },
				make("circle", { cx: x, cy: y, r: 20, class: "reach" }), make("circle", { cx: x, cy: y, r: 11, class: "area" }),
				make("text", { x, y: (Number(y) + 5).toFixed(1), "text-anchor": "middle", "aria-hidden": "true" }, one.sign));
		}));
}
