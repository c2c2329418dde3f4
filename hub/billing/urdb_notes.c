/*
 * What of a URDB record is not taken over is told by name with what it means, so that nothing that
 * changes money is lost in silence. A field that is not in the table is told too.
 */
#include <string.h>

#include "billing/urdb_part.h"

typedef struct urdb_field {
	const char *name;
	const char *note; /* NULL: taken over, or it says nothing about money */
} urdb_field;

static const char words[] = "charges said in words are not billed: add each as a charge of the tariff's own form";
static const char eligible[] = "who may have this rate is not checked";
static const char bounds[] =
    "the days on which the rate holds are not taken: it is stored as valid from the day given at "
    "'tariff add', and 'rate' rates any period";

static const urdb_field fields[] = {
	{ "energyratestructure", NULL },
	{ "energyweekdayschedule", NULL },
	{ "energyweekendschedule", NULL },
	{ "demandratestructure", NULL },
	{ "demandweekdayschedule", NULL },
	{ "demandweekendschedule", NULL },
	{ "demandrateunit", NULL },
	{ "demandwindow", NULL },
	{ "demandratchetpercentage", NULL },
	{ "demandreactivepowercharge", NULL },
	{ "flatdemandstructure", NULL },
	{ "flatdemandmonths", NULL },
	{ "flatdemandunit", NULL },
	{ "coincidentratestructure", NULL },
	{ "coincidentschedule", NULL },
	{ "coincidentrateunit", NULL },
	{ "lookbackPercent", NULL },
	{ "lookbackRange", NULL },
	{ "lookbackMonths", NULL },
	{ "fueladjustmentsmonthly", NULL },
	{ "fixedchargefirstmeter", NULL },
	{ "fixedchargeunits", NULL },
	{ "fixedmonthlycharge", NULL },
	{ "mincharge", NULL },
	{ "minchargeunits", NULL },
	{ "minmonthlycharge", NULL },
	{ "annualmincharge", NULL },
	{ "dgrules", NULL },
	{ "usenetmetering", NULL },
	/* Fields of our own form. */
	{ "tariff", NULL },
	{ "text", NULL },
	{ "currency", NULL },
	{ "zone", NULL },
	{ "cycle", NULL },
	{ "change", NULL },
	{ "rounding", NULL },
	{ "netting", NULL },
	{ "credit", NULL },
	{ "prepaid", NULL },
	{ "billing_demand", NULL },
	{ "market", NULL },
	/* Who, where and since when it is written down. */
	{ "label", NULL },
	{ "name", NULL },
	{ "uri", NULL },
	{ "sector", NULL },
	{ "utility", NULL },
	{ "eiaid", NULL },
	{ "country", NULL },
	{ "description", NULL },
	{ "source", NULL },
	{ "sourceparent", NULL },
	{ "approved", NULL },
	{ "is_default", NULL },
	{ "revisions", NULL },
	{ "latest_update", NULL },
	{ "supercedes", NULL },
	{ "basicinformationcomments", words },
	{ "energycomments", words },
	{ "demandcomments", words },
	{ "energyattrs", words },
	{ "demandattrs", words },
	{ "fixedattrs", words },
	{ "fixedchargeeaaddl", "each further meter's fixed charge is not billed: one meter is" },
	{ "servicetype",
	  "a record of delivery or of energy alone is a part of the bill: rate the other part by its own record" },
	{ "startdate", bounds },
	{ "enddate", bounds },
	{ "peakkwcapacitymin", eligible },
	{ "peakkwcapacitymax", eligible },
	{ "peakkwcapacityhistory", eligible },
	{ "peakkwhusagemin", eligible },
	{ "peakkwhusagemax", eligible },
	{ "peakkwhusagehistory", eligible },
	{ "voltageminimum", eligible },
	{ "voltagemaximum", eligible },
	{ "voltagecategory", eligible },
	{ "phasewiring", eligible },
};

static const char unknown[] =
    "is no field of a record that the import knows: if it changes what is paid, say it as a charge of "
    "the tariff's own form";

/* Nothing, no, 0, "", [] and {} say nothing. */
static bool says(const char *name, const json_t *v)
{
	if (json_is_string(v))
		return *json_string_value(v) &&
		       (strcmp(name, "servicetype") || strcmp(json_string_value(v), "Bundled"));
	if (json_is_number(v))
		return json_number_value(v) != 0;
	return json_is_true(v) || json_array_size(v) || json_object_size(v);
}

static const char *note_of(const char *name)
{
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (!strcmp(fields[i].name, name))
			return fields[i].note;
	}
	return unknown;
}

void urdb_notes(form *f, json_t *record, tariff *t)
{
	const char *name;
	json_t *v;
	tariff_note *notes = arena_array(f->a, json_object_size(record) + 1, sizeof *notes);
	if (!notes) {
		form_nomem(f);
		return;
	}
	json_object_foreach (record, name, v) {
		const char *note = says(name, v) ? note_of(name) : NULL;
		if (!note)
			continue;
		const char *field = form_copy(f, name);
		if (!field)
			return;
		notes[t->note_count++] = (tariff_note) { field, note };
	}
	t->notes = notes;
}
