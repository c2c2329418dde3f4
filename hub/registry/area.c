#include "registry/area.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "store/outline.h"
#include "store/premise.h"

/* What is written so far of one geometry; `rule` once something is wrong. */
typedef struct pen {
	buf out;
	size_t positions;
	const char *rule;
} pen;

static void position(pen *p, const json_t *at)
{
	static const double most[2] = { 180, 90 };
	double v[2];
	for (size_t i = 0; i < 2; i++) {
		const json_t *number = json_array_get(at, i);
		v[i] = json_number_value(number);
		if (!json_is_number(number) || !(v[i] >= -most[i] && v[i] <= most[i]))
			p->rule = "a position is [longitude, latitude], within -180…180 and -90…90";
	}
	if (++p->positions > AREA_POSITIONS_MAX)
		p->rule = "an outline has at most 10,000 positions; make it coarser";
	/* Seven digits are a centimetre. */
	if (!p->rule)
		buf_printf(&p->out, "[%.10g,%.9g]", v[0], v[1]);
}

static void ring(pen *p, const json_t *list)
{
	size_t n = json_array_size(list);
	if (n < 4 || !json_equal(json_array_get(list, 0), json_array_get(list, n - 1)))
		p->rule = "a ring has four or more positions, and the last is the first again";
	buf_u8(&p->out, '[');
	for (size_t i = 0; !p->rule && i < n; i++) {
		buf_text(&p->out, i ? "," : "");
		position(p, json_array_get(list, i));
	}
	buf_u8(&p->out, ']');
}

static void polygon(pen *p, const json_t *rings)
{
	size_t n = json_array_size(rings);
	if (!n)
		p->rule = "a polygon has rings";
	buf_u8(&p->out, '[');
	for (size_t i = 0; !p->rule && i < n; i++) {
		buf_text(&p->out, i ? "," : "");
		ring(p, json_array_get(rings, i));
	}
	buf_u8(&p->out, ']');
}

static void geometry(pen *p, const json_t *g)
{
	const char *type = json_string_value(json_object_get(g, "type"));
	const json_t *at = json_object_get(g, "coordinates");
	if (!type || (strcmp(type, "Polygon") && strcmp(type, "MultiPolygon"))) {
		p->rule = "a place's geometry is a Polygon or a MultiPolygon";
		return;
	}
	buf_printf(&p->out, "{\"type\":\"%s\",\"coordinates\":", type);
	if (!strcmp(type, "Polygon")) {
		polygon(p, at);
	} else {
		size_t n = json_array_size(at);
		p->rule = n ? p->rule : "a MultiPolygon has polygons";
		buf_u8(&p->out, '[');
		for (size_t i = 0; !p->rule && i < n; i++) {
			buf_text(&p->out, i ? "," : "");
			polygon(p, json_array_get(at, i));
		}
		buf_u8(&p->out, ']');
	}
	buf_u8(&p->out, '}');
}

static hub_status feature(const json_t *f, arena *a, area_feature *ret)
{
	const char *code = json_string_value(json_object_get(json_object_get(f, "properties"), "code"));
	pen p = { .rule = NULL };
	*ret = (area_feature){ .code = "" };
	if (!code || !*code || strlen(code) > 64) {
		hub_fault_set(&ret->fault, "area.code", "properties.code", "names the place, as in hubctl load premises");
		return HUB_OK;
	}
	geometry(&p, json_object_get(f, "geometry"));
	if (p.rule)
		hub_fault_set(&ret->fault, "area.geometry", "geometry", "%s", p.rule);
	ret->code = arena_strdup(a, code);
	ret->geometry = p.rule ? "" : arena_strdup(a, buf_cstr(&p.out));
	bool bad = p.out.bad;
	buf_fini(&p.out);
	return ret->code && ret->geometry && !bad ? HUB_OK : HUB_NOMEM;
}

hub_status area_parse(const void *bytes, size_t len, arena *a, area_feature **ret, size_t *ret_count, hub_fault *fault)
{
	json_error_t error;
	json_t *root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
	const json_t *list = json_object_get(root, "features");
	const char *type = json_string_value(json_object_get(root, "type"));
	size_t n = json_array_size(list);
	hub_status st = HUB_OK;
	if (!root)
		st = hub_fault_set(fault, "area.json", "", "line %d: %s", error.line, error.text);
	else if (!type || strcmp(type, "FeatureCollection") || !json_is_array(list))
		st = hub_fault_set(fault, "area.collection", "type", "is a GeoJSON FeatureCollection with its features");
	else if (n > AREA_FEATURES_MAX)
		st = hub_fault_set(fault, "area.collection", "features", "are at most %d; load them in parts", AREA_FEATURES_MAX);
	area_feature *made = st == HUB_OK ? arena_array(a, n, sizeof *made) : NULL;
	if (st == HUB_OK && !made)
		st = HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < n; i++)
		st = feature(json_array_get(list, i), a, &made[i]);
	json_decref(root);
	if (st == HUB_OK) {
		*ret = made;
		*ret_count = n;
	}
	return st;
}

static hub_status put(store *db, area_feature *f, arena *a, load_result *r)
{
	premise p;
	bool existed = false, changed = false;
	hub_status st = premise_by_code(db, f->code, a, &p);
	if (st == HUB_MISSING) {
		hub_fault_set(&f->fault, "premise.unknown", "properties.code", "there is no premise '%.64s'; load premises first", f->code);
		return HUB_OK;
	}
	const outline o = { p.id, f->geometry };
	if (st == HUB_OK)
		st = outline_put(db, &o, &existed, &changed, &f->fault);
	r->loaded += st == HUB_OK && changed;
	r->unchanged += st == HUB_OK && !changed;
	return st;
}

hub_status area_load(store *db, const void *bytes, size_t len, arena *a, load_result *ret, hub_fault *fault)
{
	area_feature *list;
	size_t count;
	load_result r = { 0 };
	hub_status st = area_parse(bytes, len, a, &list, &count, fault);
	if (st != HUB_OK)
		return st;
	r.rows = count;
	r.faults = arena_array(a, count, sizeof *r.faults);
	st = r.faults ? store_begin(db) : HUB_NOMEM;
	if (st != HUB_OK)
		return st;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		if (!list[i].fault.code)
			st = put(db, &list[i], a, &r);
		if (list[i].fault.code)
			r.faults[r.fault_count++] = (load_fault){ i + 1, list[i].fault };
	}
	if (st == HUB_OK)
		st = store_commit(db);
	else
		store_rollback(db);
	if (st == HUB_OK)
		*ret = r;
	return st;
}
