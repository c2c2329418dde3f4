/* POST /v1/bindings: a household takes a meter by the code printed on it. */
#ifndef API_BINDING_H
#define API_BINDING_H

#include "api/request.h"

/* {"code","confirm"?}: without confirm nothing happens and the answer says what would. */
hub_status binding_post(request *r);

#endif
