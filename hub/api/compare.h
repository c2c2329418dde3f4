/* A resident's comparison with the neighbours. What others may see of it is nothing. */
#ifndef API_COMPARE_H
#define API_COMPARE_H

#include "api/request.h"

hub_status comparison_get(request *r);

#endif
