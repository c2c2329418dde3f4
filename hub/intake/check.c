#include "intake/check.h"

static hub_status check_state(const quantity *q, hub_value v, hub_fault *fault)
{
	for (size_t i = 0; i < q->state_count; i++)
		if (q->states[i].code == v.digits && v.scale == 0)
			return HUB_OK;
	return hub_fault_set(fault, "reading.state", "value",
			     "%s has no state %lld (scale %u); use an integer code of schemas/quantities.json", q->name,
			     (long long)v.digits, v.scale);
}

static hub_status check_values(const hub_reading *r, check_reading *ret, hub_fault *fault)
{
	const quantity *q = quantity_find(r->quantity);
	if (!q)
		return hub_fault_set(fault, "reading.unknown_quantity", "quantity",
				     "quantity '%.64s' is not in schemas/quantities.json; correct the mapping and "
				     "replay", r->quantity);
	const char *kind = hub_kind_name(r->kind);
	if (!kind || !(q->kinds & 1u << r->kind))
		return hub_fault_set(fault, "reading.kind", "kind",
				     "%s is not measured as '%s'; see its kinds in schemas/quantities.json", q->name,
				     kind ? kind : "?");
	hub_value v = r->value;
	hub_status st = quantity_convert(q, r->unit, r->value, &v);
	if (st == HUB_RANGE)
		return hub_fault_set(fault, "reading.value", "value",
				     "value does not fit exactly when converted from %.32s to %s; send it in %s with "
				     "fewer digits", r->unit, q->unit, q->unit);
	if (st != HUB_OK)
		return hub_fault_set(fault, "reading.unit", "unit",
				     "unit '%.32s' is not one of %s (%s, in %s); correct the unit of the source and "
				     "replay", r->unit, q->name, q->dimension, q->unit);
	if (r->kind == HUB_STATE && (st = check_state(q, v, fault)) != HUB_OK)
		return st;
	*ret = (check_reading){ q, v };
	return HUB_OK;
}

hub_status check_record(const record *r, check_reading *ret, hub_fault *fault)
{
	if (r->body.type == HUB_RECORD_FAULT) {
		*fault = r->fault;
		return HUB_REJECT;
	}
	hub_status st = record_check(&r->body, fault);
	if (st == HUB_OK && r->body.type == HUB_RECORD_READING)
		st = check_values(&r->body.reading, ret, fault);
	return st;
}
