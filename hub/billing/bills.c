#include "billing/bills_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "store/tariff.h"

hub_status bills_new(store *db, bills **ret)
{
	bills *b = fail_calloc(1, sizeof *b);
	if (!b)
		return HUB_NOMEM;
	b->db = db;
	arena_init(&b->mem, 0);
	*ret = b;
	return HUB_OK;
}

void bills_free(bills *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->document_count; i++)
		tariff_free(b->documents[i].t);
	for (size_t i = 0; i < b->zone_count; i++)
		zone_free(b->zones[i]);
	arena_fini(&b->mem);
	free(b);
}

hub_status bills_zone(bills *b, const char *name, const zone **ret, hub_fault *fault)
{
	for (size_t i = 0; i < b->zone_count; i++)
		if (!strcmp(zone_name(b->zones[i]), name)) {
			*ret = b->zones[i];
			return HUB_OK;
		}
	zone *z = NULL;
	if (b->zone_count == BILLS_ZONES_MAX || zone_load(name, &z) != HUB_OK)
		return hub_fault_set(fault, "bill.zone", "zone", "'%.60s' is no zone of the time-zone database, or one too many", name);
	*ret = b->zones[b->zone_count++] = z;
	return HUB_OK;
}

static hub_status use(const bills_document *d, const bills_document **ret, hub_fault *fault)
{
	if (!d->t) {
		if (fault)
			*fault = d->fault;
		return HUB_REJECT;
	}
	if (!d->t->zone)
		return hub_fault_set(fault, "bill.tariff.zone", "zone",
				     "tariff '%.64s' names no zone, so its days cannot be told; add it with 'zone'", d->code);
	*ret = d;
	return HUB_OK;
}

hub_status bills_metered(const tariff *t, hub_fault *fault)
{
	if (!t->ocpi)
		return HUB_OK;
	return hub_fault_set(fault, "bill.tariff.session", "tariff",
			     "tariff '%.64s' is OCPI's and rates charging sessions, not what a meter counts in a cycle; give it to a "
			     "station or a tag",
			     t->code);
}

/* One more to remember; all are dropped when there is no place. */
static bills_document *room(bills *b)
{
	if (b->document_count == BILLS_DOCUMENTS_MAX) {
		for (size_t i = 0; i < b->document_count; i++)
			tariff_free(b->documents[i].t);
		b->document_count = 0;
	}
	return &b->documents[b->document_count++];
}

static hub_status take(bills *b, const tariff_document *found, hub_time at, const bills_document **ret, hub_fault *fault)
{
	bills_document *d = room(b);
	*d = (bills_document){ .id = found->id, .code = found->code, .at = at };
	hub_status st = tariff_parse(found->body, strlen(found->body), &d->t, &d->fault);
	if (st == HUB_NOMEM) {
		b->document_count--;
		return st;
	}
	return use(d, ret, fault);
}

hub_status bills_document_at(bills *b, const char *code, hub_time at, const bills_document **ret, hub_fault *fault)
{
	for (size_t i = 0; i < b->document_count; i++)
		if (b->documents[i].at == at && !strcmp(b->documents[i].code, code))
			return use(&b->documents[i], ret, fault);
	tariff_document found;
	hub_status st = tariff_document_at(b->db, code, at, &b->mem, &found);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "bill.tariff", "tariff", "there is no tariff '%.64s' for that time; hubctl tariff add", code);
	return st == HUB_OK ? take(b, &found, at, ret, fault) : st;
}

hub_status bills_document_of(bills *b, int64_t id, const bills_document **ret, hub_fault *fault)
{
	for (size_t i = 0; i < b->document_count; i++)
		if (b->documents[i].id == id)
			return use(&b->documents[i], ret, fault);
	tariff_document found;
	hub_status st = tariff_document_by_id(b->db, id, &b->mem, &found);
	return st == HUB_OK ? take(b, &found, 0, ret, fault) : st;
}

static const struct {
	const char *code;
	int16_t number;
} currencies[] = { { "CNY", 156 }, { "USD", 840 }, { "CAD", 124 }, { "EUR", 978 }, { "GBP", 826 }, { "HKD", 344 } };

hub_status bills_currency(const char *code, int16_t *ret)
{
	for (size_t i = 0; i < sizeof currencies / sizeof *currencies; i++)
		if (!strcmp(currencies[i].code, code)) {
			*ret = currencies[i].number;
			return HUB_OK;
		}
	return HUB_REJECT;
}

const char *bills_currency_code(int16_t number)
{
	for (size_t i = 0; i < sizeof currencies / sizeof *currencies; i++)
		if (currencies[i].number == number)
			return currencies[i].code;
	return "";
}

void bills_leg(bills_legs *l, int64_t account, int32_t part, int64_t amount)
{
	size_t i = 0;
	while (i < l->count && (l->legs[i].of.account != account || l->legs[i].of.part != part))
		i++;
	if (i == LEDGER_LEGS_MAX) {
		l->full = true;
		return;
	}
	if (i == l->count)
		l->legs[l->count++] = (ledger_leg){ { account, part, l->currency }, 0 };
	l->full |= __builtin_add_overflow(l->legs[i].amount, amount, &l->legs[i].amount);
}

/* Without those that came to nothing. */
static size_t squeeze(const bills_legs *l, ledger_leg *out)
{
	size_t n = 0;
	for (size_t i = 0; i < l->count; i++)
		if (l->legs[i].amount)
			out[n++] = l->legs[i];
	return n;
}

hub_status bills_post(bills *b, const bills_legs *l, uint16_t code, const char *key, hub_fault *fault)
{
	if (l->full)
		return hub_fault_set(fault, "bill.legs", "", "more than %d postings at once; do it in parts", LEDGER_LEGS_MAX);
	ledger_leg legs[LEDGER_LEGS_MAX];
	size_t count = squeeze(l, legs);
	if (!count)
		return HUB_OK;
	const ledger_entry e = { .action = LEDGER_POST, .key = key, .code = code, .legs = legs, .count = count };
	ledger_result r;
	hub_status st = ledger_write(b->db, &e, 1, &r);
	if (st != HUB_OK || r.st == HUB_OK)
		return st;
	hub_fault_set(fault, r.code, "", "the ledger refuses '%.100s'", key);
	return r.st;
}
