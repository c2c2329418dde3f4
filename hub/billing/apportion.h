/*
 * Apportionment (损耗及物业公摊): a sum that several share. Pure. Shares are whole units of the smallest
 * coin or of the last digit, and add up to the sum exactly: each gets the floor of its part, and the
 * units left over go to the largest remainders, ties to the first.
 */
#ifndef BILLING_APPORTION_H
#define BILLING_APPORTION_H

#include "base/arena.h"
#include "base/decimal.h"

/* total: any sign. weights: not negative; all zero: equal shares. ret_shares has `count` places. HUB_REJECT: a negative
 * weight. */
hub_status apportion(int64_t total, const decimal *weights, size_t count, arena *a, int64_t *ret_shares,
		     hub_fault *fault);

/* How a common sum is shared. */
typedef enum apportion_rule {
	APPORTION_EQUAL, /* by household */
	APPORTION_SHARE, /* by agreed share */
	APPORTION_AREA,	 /* by floor area */
	APPORTION_USE,	 /* by own use in the period */
	APPORTION_FIXED, /* an agreed amount each; the rest, if any, stays with the owner */
} apportion_rule;

typedef enum apportion_kind {
	APPORTION_HOME,
	APPORTION_SHOP,
	APPORTION_OFFICE,
	APPORTION_PARKING,
	APPORTION_KINDS
} apportion_kind;

/* One who takes part. */
typedef struct apportion_member {
	const char *id;
	apportion_kind kind;
	decimal share, area, use;
	int64_t fixed;
} apportion_member;

/* What a kind of property takes part in, and with which factor (0: not at all). */
typedef struct apportion_plan {
	apportion_rule rule[APPORTION_KINDS];
	decimal factor[APPORTION_KINDS];
} apportion_plan;

/* What one member gets and what it comes from, for the resident to see the whole sum. */
typedef struct apportion_part {
	int64_t amount;
	decimal weight, weight_total; /* within the members of one rule */
	int64_t pool;		      /* that those members share */
	apportion_rule rule;
} apportion_part;

/*
 * Shares a common sum over members of several kinds. First the fixed amounts are taken; what is left
 * is divided over the kinds by factor × the area of their members (their number where no area is
 * known), then within those of one kind by the kind's rule. What nobody takes part in goes to *ret_owner.
 */
hub_status apportion_common(int64_t total, const apportion_plan *plan, const apportion_member *members, size_t count,
			    arena *a, apportion_part *ret_parts, int64_t *ret_owner, hub_fault *fault);

/*
 * Loss of a master meter over its sub-meters, and each sub-meter's part by use or equal, as numbers with
 * `scale` digits that add up to the loss. What passes `normal` (a share of the master, as 0.06) is not
 * normal loss and is given back in *ret_abnormal instead of being shared. HUB_REJECT: the sub-meters
 * show more than the master by more than the master's tolerance (a share of it).
 */
typedef struct apportion_loss {
	decimal loss, normal_limit, shared, abnormal;
} apportion_loss;

hub_status apportion_losses(decimal master, const decimal *subs, size_t count, decimal normal, decimal tolerance,
			    bool equal, uint8_t scale, arena *a, apportion_loss *ret, decimal *ret_parts,
			    hub_fault *fault);

#endif
