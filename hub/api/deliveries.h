/* Deliveries as their recipient, their sender and the operators see them. */
#ifndef API_DELIVERIES_H
#define API_DELIVERIES_H

#include "api/request.h"

hub_status subscription_state_get(request *r);	 /* GET /v1/subscriptions/{id}/state */
hub_status subscription_pause_post(request *r);	 /* POST …/pause {"reason"?} */
hub_status subscription_resume_post(request *r); /* POST …/resume */
hub_status subscription_replay_post(request *r); /* POST …/replay {"position"} or {"from"} */
hub_status subscription_test_post(request *r);	 /* POST …/test: 202 with the delivery to ask for */

hub_status deliveries_get(request *r);	       /* GET /v1/deliveries: party=, subscription=, limit=, cursor= */
hub_status delivery_show(request *r);	       /* GET /v1/deliveries/{id} */
hub_status dead_letters_get(request *r);       /* GET /v1/dead-letters: party=, subscription= */
hub_status receipt_deliveries_get(request *r); /* GET /v1/receipts/{id}/deliveries: the sender's view */

#endif
