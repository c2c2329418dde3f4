/* Numbers as files write them, exactly. Pure. */
#ifndef CSV_NUMBER_H
#define CSV_NUMBER_H

#include <hub/adapter.h>

/*
 * Sign, digits, a fraction behind `mark`, an exponent; `thousands` (0: none) between digits; spaces
 * around. HUB_REJECT: no number. HUB_RANGE: more digits than a value holds.
 */
hub_status number_parse(const char *text, char mark, char thousands, hub_value *ret);
/* a × b exactly; HUB_RANGE. */
hub_status number_times(hub_value a, hub_value b, hub_value *ret);
/* a - b exactly, at the larger scale; HUB_RANGE. */
hub_status number_minus(hub_value a, hub_value b, hub_value *ret);

#endif
