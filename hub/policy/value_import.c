#include "policy/value.h"

#include <string.h>

static hub_status import(arena *a, const policy_value *v, unsigned depth, const value **ret, hub_fault *fault);

static hub_status import_record(arena *a, const policy_attr *attrs, size_t count, unsigned depth, const value **ret,
				hub_fault *fault)
{
	attr *copy = arena_array(a, count, sizeof *copy);
	if (!copy)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++) {
		policy_text name = attrs[i].name;
		name.p = arena_strndup(a, name.p, name.len);
		if (!name.p)
			return HUB_NOMEM;
		copy[i].name = name;
		copy[i].hash = text_hash(name);
		hub_status st = import(a, attrs[i].value, depth + 1, &copy[i].value, fault);
		if (st != HUB_OK)
			return st;
	}
	bool unique;
	value *record = value_record(a, copy, count, &unique);
	if (!record)
		return HUB_NOMEM;
	if (!unique)
		return hub_fault_set(fault, "policy.attribute.twice", "attrs",
				     "a record names each attribute once; one of %zu occurs twice", count);
	*ret = record;
	return HUB_OK;
}

static hub_status import_set(arena *a, const policy_value *v, unsigned depth, const value **ret, hub_fault *fault)
{
	const value **items = arena_array(a, v->set.count, sizeof *items);
	if (!items)
		return HUB_NOMEM;
	for (size_t i = 0; i < v->set.count; i++) {
		hub_status st = import(a, v->set.items[i], depth + 1, &items[i], fault);
		if (st != HUB_OK)
			return st;
	}
	*ret = value_set(a, items, v->set.count);
	return *ret ? HUB_OK : HUB_NOMEM;
}

static hub_status import(arena *a, const policy_value *v, unsigned depth, const value **ret, hub_fault *fault)
{
	if (depth > VALUE_DEPTH)
		return hub_fault_set(fault, "policy.value.depth", "value",
				     "sets and records nest at most %d deep; flatten the value", VALUE_DEPTH);
	value *copy = NULL;
	switch (v->kind) {
	case POLICY_RECORD:
		return import_record(a, v->record.attrs, v->record.count, depth, ret, fault);
	case POLICY_SET:
		return import_set(a, v, depth, ret, fault);
	case POLICY_BOOL:
		*ret = v->boolean ? &value_true : &value_false;
		return HUB_OK;
	case POLICY_STRING: {
		policy_text t = { arena_strndup(a, v->text.p, v->text.len), v->text.len };
		copy = t.p ? value_text(a, t) : NULL;
		break;
	}
	case POLICY_ENTITY: {
		const uid *u = uid_copy(a, v->entity);
		copy = u ? value_entity(a, u) : NULL;
		break;
	}
	case POLICY_IP:
		copy = arena_alloc(a, sizeof *copy);
		if (copy) {
			*copy = (value){ .kind = POLICY_IP, .prefix = v->ip.prefix, .v6 = v->ip.v6 };
			memcpy(copy->ip, v->ip.bytes, v->ip.v6 ? 16 : 4);
		}
		break;
	case POLICY_LONG:
	case POLICY_DECIMAL:
	case POLICY_DATETIME:
	case POLICY_DURATION:
		copy = value_number(a, v->kind, v->number);
		break;
	}
	if (copy)
		*ret = copy;
	return copy ? HUB_OK : HUB_NOMEM;
}

hub_status value_import(arena *a, const policy_value *v, const value **ret, hub_fault *fault)
{
	return import(a, v, 0, ret, fault);
}

hub_status value_import_attrs(arena *a, const policy_attr *attrs, size_t count, const value **ret, hub_fault *fault)
{
	return import_record(a, attrs, count, 0, ret, fault);
}
