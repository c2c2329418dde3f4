#include "billing/tariff_parse.h"

json_t *urdb_convert(form *f, const json_t *record)
{
	(void)record;
	form_refuse(f, "urdb.record", "", "not yet");
	return NULL;
}
