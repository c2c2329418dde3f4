/* The parts of tariff_parse, one file each. All write into a version and report through the form. */
#ifndef BILLING_TARIFF_PARSE_H
#define BILLING_TARIFF_PARSE_H

#include "billing/form.h"
#include "billing/tariff.h"

/* {"periods", "rules", "default", "holidays", "workdays"}; o NULL: one period all the time. */
calendar *tariff_calendar(form *f, const json_t *o);

tariff_round tariff_rounding(form *f, const json_t *o, const char *key);
tariff_price tariff_price_read(form *f, const json_t *o, const calendar *cal, uint64_t periods, bool required);

void tariff_ladder_read(form *f, const json_t *o, const calendar *cal, uint64_t periods, tariff_ladder *ret);
void tariff_charge_read(form *f, const json_t *o, const tariff_version *v, const char *currency, tariff_charge *ret);
void tariff_netting_read(form *f, const json_t *o, tariff_version *v);

/* What no field alone can tell: codes, bases, units, ladders, netting. */
void tariff_check(form *f, const tariff *t, const tariff_version *v);

/* A URDB record as our form; new reference, or NULL with the form's fault. */
json_t *urdb_convert(form *f, const json_t *record);
/* What of the record was not taken over, into the tariff's notes. */
void urdb_notes(form *f, json_t *record, tariff *t);

#endif
