/* AuthZEN's access evaluation: what the policies in force would say, nothing is done. */
#ifndef API_ACCESS_H
#define API_ACCESS_H

#include "api/request.h"

/* POST /access/v1/evaluation and /access/v1/evaluations. */
hub_status access_evaluation_post(request *r);
hub_status access_evaluations_post(request *r);

#endif
