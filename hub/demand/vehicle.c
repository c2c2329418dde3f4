#include "demand/select.h"

/* Energy in W·s that can still be had outside the event, at full power. */
static int64_t outside(const demand_vehicle *v, int64_t start, int64_t end)
{
	int64_t before = start > 0 ? (start < v->departure ? start : v->departure) : 0;
	int64_t after = end < v->departure ? v->departure - (end > 0 ? end : 0) : 0;
	return before * v->power + after * v->max_power;
}

int64_t demand_vehicle_slack(const demand_vehicle *v, int64_t start, int64_t end)
{
	int64_t begins = start > 0 ? start : 0;
	int64_t ends = end < v->departure ? end : v->departure;
	if (ends <= begins || v->power <= v->min_power)
		return 0;
	int64_t missing = v->need * 3600 - outside(v, start, end);
	int64_t during = ends - begins;
	/* Rounded up: a vehicle that leaves one Wh short has been let down. */
	int64_t least = missing > 0 ? (missing + during - 1) / during : 0;
	if (least < v->min_power)
		least = v->min_power;
	return least < v->power ? v->power - least : 0;
}
