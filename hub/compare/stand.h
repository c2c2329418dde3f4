/* Where one stands among others: order statistics without branches that depend on the data. */
#ifndef COMPARE_STAND_H
#define COMPARE_STAND_H

#include "compare/peers.h"

/* v: what they use, n ≥ 2 of them; they are reordered. */
compare_result compare_stand(int64_t *v, size_t n, int64_t mine);

#endif
