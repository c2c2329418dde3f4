/* Whether use steps to another level from one day on, as a changed unit or multiplier makes it. Pure. */
#ifndef BILLING_LEVEL_H
#define BILLING_LEVEL_H

#include "billing/usage.h"

/*
 * Over each day of [start, end) the mean of up to seven days before and after are compared, three at least;
 * `before` is the mean day of the last period (0: unknown) and stands for the days before the first. A factor of
 * twelve either way is a break; nothing at all is none, as people go away. A break in the last two days is only
 * seen in the next period.
 */
bool level_breaks(const usage_series *s, hub_time start, hub_time end, decimal before);

#endif
