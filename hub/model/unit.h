/* Units of measure, and what turns one into another without rounding. */
#ifndef MODEL_UNIT_H
#define MODEL_UNIT_H

#include <hub/adapter.h>

/*
 * `from` as `to` within a dimension of schemas/quantities.json. Decimal steps (Wh → kWh) keep the
 * digits and move the scale, so the resolution of the source stays visible.
 * HUB_REJECT: either unit is unknown in this dimension; HUB_RANGE: not exact, or does not fit.
 */
hub_status unit_convert(const char *dimension, const char *from, const char *to, hub_value v, hub_value *ret);

#endif
