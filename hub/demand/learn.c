#include "demand/learn.h"

enum { STEPS_MAX = 8 };

uint32_t demand_learn(uint32_t rate, uint32_t trials, int64_t ordered, int64_t delivered)
{
	if (ordered <= 0)
		return rate;
	int64_t kept = delivered < 0 ? 0 : delivered > ordered ? ordered : delivered;
	int64_t seen = (int64_t)((__int128)kept * DEMAND_RATE_ONE / ordered);
	int64_t weight = trials + 2 < STEPS_MAX ? trials + 2 : STEPS_MAX;
	return (uint32_t)((int64_t)rate + (seen - (int64_t)rate) / weight);
}

int64_t demand_debt(int64_t debt, int64_t cost, int64_t ordered, int64_t max)
{
	if (ordered <= 0 || max <= 0)
		return debt - debt / 4;
	return debt + (int64_t)((__int128)cost * (ordered < max ? ordered : max) / max / 10);
}

bool demand_obeyed(int64_t ordered, int64_t delivered)
{
	return delivered * 2 >= ordered;
}

int64_t demand_credit(int64_t watt_seconds, int64_t price)
{
	if (watt_seconds <= 0 || price <= 0)
		return 0;
	/* 3.6 MWs a kWh, 100 of the price's units a hundredth. */
	return (int64_t)((__int128)watt_seconds * price / 3600000 / 100);
}
