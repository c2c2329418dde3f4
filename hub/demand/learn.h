/* What an event teaches and pays: delivery rates, fairness, credit. Pure, whole numbers. */
#ifndef DEMAND_LEARN_H
#define DEMAND_LEARN_H

#include "demand/select.h"

#include <stdbool.h>

/*
 * The rate after another event: the first ones count much, later ones an eighth. A resource that delivered more than was
 * ordered delivered it all.
 */
uint32_t demand_learn(uint32_t rate, uint32_t trials, int64_t ordered, int64_t delivered);

/*
 * Fairness: whoever was called becomes dearer by a tenth of its cost for all it has, in proportion; whoever was not
 * becomes cheaper again, by a quarter of the debt an event. cost and debt: as demand_resource.cost.
 */
int64_t demand_debt(int64_t debt, int64_t cost, int64_t ordered, int64_t max);

/* Whether it counts as having delivered: at least half of what was ordered. */
bool demand_obeyed(int64_t ordered, int64_t delivered);

/*
 * Credit for energy in Ws at a price of one kWh in 10^-4 of the currency's unit: in its hundredths (分), down. Nothing for
 * what is not positive.
 */
int64_t demand_credit(int64_t watt_seconds, int64_t price);

#endif
